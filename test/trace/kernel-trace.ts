import { execFileSync, spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  openSync,
  closeSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { MARKER } from './syscall-events.ts'

/** A trace of the kernel of its own: what is written into `pidFile` is followed from then on, with all its descendants. */
export interface KernelTrace extends AsyncDisposable {
  readonly pidFile: string
  mark(item: string): void
  /** Copies events to a file until `stop`, which returns when all that came before it are there. @throws when events were lost */
  record(file: string): { stop(): Promise<void> }
}

const TRACEFS = '/sys/kernel/tracing'
const BUFFER_KIB = 98_304
const END = 'the end'
const END_MS = 120_000
/** EPERM and ENOSYS: with what a filter answers. */
const REFUSED = 'ret == -1 || ret == -38'

/** Needs root and a kernel with CONFIG_FTRACE_SYSCALLS. */
export function openKernelTrace(): KernelTrace {
  if (!existsSync(join(TRACEFS, 'instances'))) execFileSync('mount', ['-t', 'tracefs', 'none', TRACEFS])
  const root = join(TRACEFS, 'instances', `hotcell-${process.pid}`)
  mkdirSync(root)
  const set = (file: string, text: string): void => writeFileSync(join(root, file), text)
  set('tracing_on', '0')
  set('buffer_size_kb', String(BUFFER_KIB))
  writeFileSync(join(TRACEFS, 'saved_cmdlines_size'), '16384')
  set('options/event-fork', '1')
  // Nobody has this number; an empty list would mean everybody
  set('set_event_pid', '4194303')
  set('events/raw_syscalls/sys_exit/filter', REFUSED)
  for (const event of ['raw_syscalls/sys_enter', 'raw_syscalls/sys_exit', 'sched/sched_process_fork'])
    set(`events/${event}/enable`, '1')
  set('tracing_on', '1')
  const mark = (text: string): void => set('trace_marker', text)
  return {
    pidFile: join(root, 'set_event_pid'),
    mark: (item) => mark(`${MARKER}${item}\n`),
    record(file) {
      const out = openSync(file, 'w')
      const reader = spawn('cat', [join(root, 'trace_pipe')], { stdio: ['ignore', out, 'ignore'] })
      return {
        async stop() {
          mark(`${MARKER}${END}\n`)
          const ends = Date.now() + END_MS
          while (!endsWithMarker(file) && Date.now() < ends) await sleep(200)
          reader.kill('SIGKILL')
          closeSync(out)
          if (!endsWithMarker(file)) throw new Error(`The trace was not complete within ${END_MS} ms`)
          const lost = countLost(root)
          if (lost > 0) throw new Error(`The kernel lost ${lost} events: the buffer is too small`)
        },
      }
    },
    async [Symbol.asyncDispose]() {
      set('tracing_on', '0')
      for (let attempt = 0; attempt < 20; attempt += 1) {
        try {
          rmdirSync(root)
          return
        } catch {
          // A reader has not closed the pipe yet
          await sleep(100)
        }
      }
    },
  }
}

function endsWithMarker(file: string): boolean {
  const tail = execFileSync('tail', ['-c', '4096', file], { encoding: 'utf8' })
  return tail.includes(`${MARKER}${END}`)
}

function countLost(root: string): number {
  const cpus = readdirSync(join(root, 'per_cpu'))
  return cpus
    .map((cpu) => readFileSync(join(root, 'per_cpu', cpu, 'stats'), 'utf8'))
    .flatMap((text) => [...text.matchAll(/^(?:overrun|dropped events): (\d+)$/gm)])
    .reduce((sum, [, count]) => sum + Number(count), 0)
}
