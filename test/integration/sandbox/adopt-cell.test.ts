import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { policyLimits } from '../../../orchestrator-service/sandbox/policy-limits.ts'
import { adoptCell, type AdoptedEnd, RELEASE } from '../../../orchestrator-service/sandbox/adopt-cell.ts'
import { removeContainer } from '../../../orchestrator-service/sandbox/engine-calls.ts'
import type { SandboxPolicy } from '../../../orchestrator-service/sandbox/policy.ts'
import { attestingProgram } from '../../support/attesting-program.ts'
import { openCellBench, policyWith } from '../../support/cells.ts'

const bench = openCellBench()
afterAll(async () => bench[Symbol.asyncDispose]())

const TALK = `let n = 0
  const timer = setInterval(() => {
    emit({ type: 'progress', phase: 'decide', done: ++n, total: 8, barTime: n })
    if (n === 8) { clearInterval(timer); process.stdout.write('all of it') }
  }, 500)`

/** Feeds a cell, lets go of it and takes it over under a policy that may be stricter. */
async function adopt(
  body: string,
  changes: Partial<SandboxPolicy> = {},
  options: { deadlineMs?: number; signal?: AbortSignal } = {},
): Promise<AdoptedEnd & { readonly heard: number }> {
  const cell = await bench.start()
  await cell.send([Buffer.from(attestingProgram(body))])
  await cell.endInput()
  await cell.attested
  cell.release()
  await cell.finished
  let heard = 0
  const end = await adoptCell(bench.engine, {
    containerId: cell.containerId,
    policy: policyWith(changes),
    deadline: Date.now() + (options.deadlineMs ?? 60_000),
    startedAt: Date.now(),
    signal: options.signal ?? new AbortController().signal,
    onEvent: () => {},
    onProgress: () => (heard += 1),
    onLog: () => {},
  })
  await removeContainer(bench.engine, cell.containerId)
  return { ...end, heard }
}

test('an adopted cell hands over its whole output, with what it used', async () => {
  const end = await adopt(TALK)

  expect(end).toMatchObject({ cause: null, exitCode: 0, hasWorked: true, lastBarTime: 8 })
  expect(Buffer.from(end.stdout).toString()).toBe('all of it')
  expect(end.heard).toBeGreaterThan(2)
  expect(end.limits).toEqual(policyLimits(policyWith({})))
  expect(end.usage.cpuNanos).toBeGreaterThan(1e6)
  expect(end.usage.peakMemoryBytes).toBeGreaterThan(2 ** 20)
  expect(end.remains()).toMatchObject({ cgroup: 'gone' })
})

test('an adopted cell that is silent is ended, one that talks is not', async () => {
  const [silent, talked] = await Promise.all([
    adopt('setInterval(() => {}, 1000)', { noEventTimeMs: 2500 }),
    adopt(TALK, { noEventTimeMs: 2500 }),
  ])

  expect(silent).toMatchObject({ cause: { kind: 'limit_exceeded', reason: 'no_event' }, killedBy: 'host' })
  expect(talked).toMatchObject({ cause: null, exitCode: 0 })
})

test('an adopted cell that spins is ended at its CPU time, or at the rest of its wall time', async () => {
  const [spun, late] = await Promise.all([
    adopt('for (;;);', { cores: 0.0001 }),
    adopt('setInterval(() => {}, 1000)', {}, { deadlineMs: 1500 }),
  ])

  expect(spun).toMatchObject({ cause: { kind: 'limit_exceeded', reason: 'cpu' }, killedBy: 'host' })
  expect(late).toMatchObject({ cause: { kind: 'limit_exceeded', reason: 'wall_time' }, killedBy: 'host' })
})

test('an adopted cell is cancelled, or let go of again', async () => {
  const cancel = new AbortController()
  const release = new AbortController()
  const both = Promise.all([
    adopt('setInterval(() => {}, 1000)', {}, { signal: cancel.signal }),
    adopt('setInterval(() => {}, 1000)', {}, { signal: release.signal }),
  ])
  await sleep(3000)
  cancel.abort()
  release.abort(RELEASE)
  const [cancelled, released] = await both

  expect(cancelled).toMatchObject({ cause: { kind: 'cancelled' }, exitCode: 137, killedBy: 'host' })
  expect(cancelled.remains()).toMatchObject({ cgroup: 'gone' })
  expect(released).toMatchObject({ exitCode: null, killedBy: null })
})
