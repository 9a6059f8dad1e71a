/** A worker thread: runs one task after the other; user code runs in realms that it opens, phase 2 here. */
import { readFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import type IsolatedVm from 'isolated-vm'
import { ClaimedEnd, FatalEnd } from './claims.ts'
import { loadIsolatedVm } from './isolate.ts'
import { currentThreadId } from './pool/thread-time.ts'
import { MAILBOX_THREAD } from './realm/mailbox-layout.ts'
import { EmptyRealm } from './empty-realm.ts'
import type { Realm } from './realm-host.ts'
import { isNearEnough, realmBytes, type TaskContext } from './tasks/context.ts'
import { runTask } from './tasks/run-task.ts'
import type { Task, TaskReply, ReadyNote, ThreadData, UnreadyNote, WarmNote } from './tasks/task.ts'
import { warmEngine } from './tasks/warm-engine.ts'

/** Until the first note or task of a job. */
interface WaitingContext extends TaskContext {
  readonly closeRetired: () => void
  readonly makeRealm: (memoryBytes: number, mailbox?: SharedArrayBuffer) => EmptyRealm
  readonly isOver: () => boolean
}

function createContext(data: ThreadData, isOver: () => boolean): WaitingContext {
  let ivm: typeof IsolatedVm | null = null
  let script: string | null = null
  const spares: EmptyRealm[] = []
  const retired: Realm[] = []
  const makeRealm = (memoryBytes: number, mailbox = data.mailbox): EmptyRealm => {
    ivm ??= loadIsolatedVm()
    script ??= readFileSync(new URL('./realm.js', import.meta.url), 'utf8')
    return new EmptyRealm({ ivm, script, memoryBytes, mailbox })
  }
  const makeSpare = (memoryBytes: number): EmptyRealm => {
    const realm = makeRealm(memoryBytes)
    realm.rehearse()
    return realm
  }
  return {
    makeRealm,
    isOver,
    mailbox: data.mailbox,
    takeRealm(memoryBytes) {
      const ahead = spares.shift()
      if (ahead !== undefined && isNearEnough(ahead.memoryBytes, memoryBytes)) return ahead
      // Candles that came in since have changed what there is to give
      ahead?.isolate.dispose()
      return makeRealm(memoryBytes)
    },
    spareRealms(memoryBytes, count) {
      for (const [index, spare] of spares.entries()) {
        if (isNearEnough(spare.memoryBytes, memoryBytes)) continue
        spare.isolate.dispose()
        spares[index] = makeSpare(memoryBytes)
      }
      while (spares.length < count) spares.push(makeSpare(memoryBytes))
    },
    proof: { units: new Map(), aggregation: null, answers: null },
    retire: (realm) => void retired.push(realm),
    closeRetired() {
      for (const realm of retired.splice(0)) realm.close()
    },
    usedBytes: () => process.memoryUsage.rss(),
  }
}

async function answer(task: Task, context: TaskContext): Promise<TaskReply> {
  try {
    return { ok: true, value: await runTask(task, context) }
  } catch (error) {
    if (error instanceof ClaimedEnd) return { ok: false, outcome: error.outcome }
    if (error instanceof FatalEnd) {
      const { message, barTime } = error
      return { ok: false, fatal: { kind: 'heap', message, barTime } }
    }
    const message = error instanceof Error ? `${error.message}\n${error.stack ?? ''}` : String(error)
    return { ok: false, fatal: { kind: 'internal', message, barTime: null } }
  }
}

/** What a thread does while candles come in. */
function prepare({ config, memoryBytes, engine }: WarmNote, context: TaskContext): void {
  if (engine) warmEngine(config)
  if (!('builtin' in config.strategy)) context.spareRealms(memoryBytes, 1)
}

/** What a thread does while no job is known. Loaded only then. */
async function getReady({ memoryBytes, realms }: ReadyNote, context: WaitingContext): Promise<void> {
  const { rehearse } = await import('./tasks/rehearse.ts')
  await rehearse(context)
  if (!context.isOver())
    context.spareRealms(realmBytes(memoryBytes, { usedBytes: context.usedBytes(), sharedBytes: 0 }), realms)
}

const port = parentPort
if (port !== null) {
  let hasJob = false
  const context = createContext(workerData as ThreadData, () => hasJob)
  new Int32Array(context.mailbox, 0, 16)[MAILBOX_THREAD] = currentThreadId()
  port.on('message', (task: Task | ReadyNote | WarmNote) => {
    if (task.kind === 'ready') {
      // A thread that could not get ready is only slower: somebody should know, but no job fails for it
      getReady(task, context).catch((error: unknown) => {
        const note: UnreadyNote = { kind: 'unready', message: error instanceof Error ? error.message : String(error) }
        if (!hasJob) port.postMessage(note)
      })
      return
    }
    hasJob = true
    if (task.kind === 'warm') {
      prepare(task, context)
      return
    }
    void answer(task, context).then((reply) => {
      port.postMessage(reply)
      context.closeRetired()
    })
  })
}
