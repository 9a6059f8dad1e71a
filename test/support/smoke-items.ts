import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunEnd } from '../../orchestrator-service/jobs/run-backtest.ts'
import { PROJECT_ROOT } from '../../orchestrator-service/sandbox/image/project-root.ts'
import type { Cell } from '../../orchestrator-service/sandbox/cell-handle.ts'
import { decideWith } from './attack.ts'
import { attestingProgram } from './attesting-program.ts'
import { CALM } from './attack-candles.ts'
import { type CellBench, policyWith } from './cells.ts'
import { MINUTES, type SmokeBench } from './smoke-bench.ts'

/**
 * Theory of operation. What a cell does in its life, once each: every way to start, to work, to be full and to end that the
 * product knows. The allow-list of system calls is judged by it: a rule stays when traces of these items show it, or when
 * its comment names the code path that they cannot be made to take. An item fails when its run does not end as it must,
 * so the set also shows that nothing that is needed has been taken away.
 */
export interface SmokeItem {
  readonly name: string
  /** One line for docs/seccomp.md. */
  readonly what: string
  run(bench: SmokeBench): Promise<void>
}

const MIB = 2 ** 20

const submission = (source: string, symbols: readonly string[] = [CALM], interval = '1h'): object => ({
  strategy: { module: 'main.ts' },
  files: { 'main.ts': source },
  symbols,
  interval,
})
const builtin = (name: string, symbols: readonly string[] = [CALM], interval = '1h'): object => ({
  strategy: { builtin: name },
  symbols,
  interval,
})

function expectEnd(end: RunEnd, kind: string, reason: string | null = null): void {
  const { outcome } = end
  assert.deepEqual([outcome.kind, outcome.reason], [kind, reason], `${outcome.message} (exit ${outcome.exitCode})`)
  if (kind === 'ok') assert.equal(end.verdict?.type, 'verified')
  assert.equal(end.attestation?.pid ?? 1, 1)
}

/** What the freezer of cgroup v2 does to a cell, and a debugger: a wait with a time-out is begun anew by the kernel. */
async function stopAndContinue({ engine }: CellBench, { containerId }: Cell): Promise<void> {
  const container = engine.docker.getContainer(containerId)
  await container.kill({ signal: 'SIGSTOP' })
  await sleep(300)
  await container.kill({ signal: 'SIGCONT' })
}

const HUNGRY = `
const keep = []
for (;;) keep.push(Buffer.alloc(1 << 23, keep.length))
`
/** A decision at every second bar. */
const talkative = decideWith(`
    const price = context.candles.close[context.index]
    return context.index % 2 === 0 ? { signal: 'BUY', size: 0.001, entryPrice: price / 2, tpPrice: price * 2, slPrice: price / 4 } : null`)
const slow = decideWith('let x = 1; for (let i = 0; i < 2e7; i++) x = (x * 31 + i) % 1000003; return x < 0 ? [] : null')

/** Plain Node in the same cell: threads that end in every way, streams at their caps, what the runner itself seldom does. */
const THREADS = `
import { Worker } from 'node:worker_threads'
const start = (source) => new Promise((resolve) => {
  const worker = new Worker(source, { eval: true })
  worker.on('error', (error) => resolve(error.code ?? error.message))
  worker.on('exit', (code) => resolve(code))
  worker.on('message', (text) => text === 'stop me' && worker.terminate())
})
const ends = await Promise.all([
  start('0'),
  start('process.exit(7)'),
  start('throw new Error("thrown")'),
  start('require("node:worker_threads").parentPort.postMessage("stop me"); for (;;);'),
  start('Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50)'),
])
fs.writeSync(1, JSON.stringify(ends))
`
const SLEEP = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2000)'
const FILL_STDOUT = `
const block = Buffer.alloc(1 << 20, 'x')
for (let i = 0; i < 32; i++) {
  process.stdout.cork()
  process.stdout.write(block)
  const written = new Promise((done) => process.stdout.write(block, done))
  process.stdout.uncork()
  await written
}
`

/** A load far beyond the one page of memory: V8 catches the SIGSEGV and returns from the handler. */
const WASM_TRAP = `
const bytes = Buffer.from('AGFzbQEAAAABBgFgAX8BfwMCAQAFAwEAAQcFAQFmAAAKCQEHACAAKAIACw==', 'base64')
const { instance } = await WebAssembly.instantiate(bytes)
try { instance.exports.f(1e9) } catch (error) { fs.writeSync(1, error.message) }
`

export const SMOKE_SET: readonly SmokeItem[] = [
  {
    name: 'attested',
    what: "start through runc, attestation, input that ends at once: the runner's shortest life",
    async run({ cells }) {
      const exit = await cells.run('fs.writeSync(1, JSON.stringify(process.memoryUsage()))')
      assert.deepEqual([exit.cause, exit.exitCode], [null, 0])
    },
  },
  {
    name: 'builtin',
    what: 'a built-in strategy in its isolate, verified',
    run: async ({ submit }) => expectEnd(await submit(builtin('SmaCrossover')), 'ok'),
  },
  {
    name: 'indicators',
    what: "a user's own code with indicators (`examples/rsi-bands.ts`), verified",
    async run({ submit }) {
      const source = readFileSync(join(PROJECT_ROOT, 'examples/rsi-bands.ts'), 'utf8')
      expectEnd(await submit(submission(source)), 'ok')
    },
  },
  {
    name: 'two-threads',
    what: 'policy `trusted`: two symbols on two worker threads',
    run: async ({ submit }) => expectEnd(await submit(builtin('Momentum', MINUTES, '1m'), { policy: 'trusted' }), 'ok'),
  },
  {
    name: 'warm',
    what: 'a cell that has rehearsed and waited 1.5 s on its input, then gets a job',
    async run({ submit, untilWarm, warmHits }) {
      await untilWarm()
      await sleep(1500)
      const hits = warmHits()
      expectEnd(await submit(builtin('RsiMeanReversion')), 'ok')
      assert.equal(warmHits(), hits + 1)
    },
  },
  {
    name: 'stopped',
    what: 'a cell that is stopped in the middle, as by the freezer of cgroup v2, continued, and completes',
    async run({ cells, submit }) {
      const end = await submit(submission(decideWith('return null')), {
        onCell: async (cell) => {
          await cell.attested
          await stopAndContinue(cells, cell)
        },
      })
      expectEnd(end, 'ok')
      const asleep = await cells.start()
      await asleep.send([Buffer.from(attestingProgram(SLEEP))])
      await asleep.endInput()
      await asleep.attested
      await stopAndContinue(cells, asleep)
      const exit = await asleep.finished
      assert.deepEqual([exit.cause, exit.exitCode], [null, 0])
    },
  },
  {
    name: 'large-result',
    what: 'a document with 30,000 decisions, and 64 MiB on stdout to the last byte of the cap',
    async run({ submit, cells }) {
      const end = await submit(submission(talkative, [MINUTES[0]], '1m'), { limits: { barTimeMs: 30_000 } })
      expectEnd(end, 'ok')
      assert.ok((end.exit?.usage.stdoutBytes ?? 0) > 2 * MIB, `${end.exit?.usage.stdoutBytes} bytes`)
      const exit = await cells.run(FILL_STDOUT)
      assert.deepEqual([exit.cause, exit.exitCode, exit.usage.stdoutBytes], [null, 0, 64 * MIB])
    },
  },
  {
    name: 'large-log',
    what: 'seven megabytes of log through the mailbox of the thread',
    async run({ submit }) {
      const end = await submit(submission(decideWith("console.log('z'.repeat(3500)); return null")))
      expectEnd(end, 'ok')
      assert.ok((end.exit?.usage.stderrBytes ?? 0) > 7e6, `${end.exit?.usage.stderrBytes} bytes`)
    },
  },
  {
    name: 'memory-kill',
    what: 'the kernel kills at the memory limit; and an isolate that reaches the limit of its own memory',
    async run({ submit, cells }) {
      const killed = await cells.run(HUNGRY, { policy: policyWith({ memoryBytes: 128 * MIB }) })
      assert.deepEqual([killed.cause?.kind, killed.cause?.reason], ['limit_exceeded', 'memory'])
      const limits = { memoryBytes: 288 * MIB, barTimeMs: 60_000 }
      const external = decideWith('for (;;) keep.push(new Float64Array(1e6).fill(1))', 'const keep = []')
      expectEnd(await submit(submission(external), { limits }), 'strategy_error', 'threw')
    },
  },
  {
    name: 'bar-time',
    what: 'the watchdog ends a decide() that loops for ever',
    run: async ({ submit }) =>
      expectEnd(
        await submit(submission(decideWith('for (;;);')), { limits: { barTimeMs: 300 } }),
        'limit_exceeded',
        'bar_time',
      ),
  },
  {
    name: 'wall-time',
    what: 'the host kills a run that works on past its wall time',
    async run({ submit }) {
      const end = await submit(submission(slow), { limits: { wallTimeMs: 1500 } })
      expectEnd(end, 'limit_exceeded', 'wall_time')
    },
  },
  {
    name: 'thrown',
    what: 'a strategy that throws, with its stack, and one that does not compile',
    async run({ submit }) {
      expectEnd(await submit(submission(decideWith("throw new Error('no')"))), 'strategy_error', 'threw')
      expectEnd(await submit(submission(decideWith('return [[['))), 'strategy_error', 'syntax')
    },
  },
  {
    name: 'threads',
    what: 'worker threads of plain Node that return, exit, throw, are terminated and sleep',
    async run({ cells }) {
      const exit = await cells.run(THREADS)
      const ends: unknown = JSON.parse(Buffer.from(exit.stdout).toString())
      assert.deepEqual(ends, [0, 7, 'thrown', 1, 0])
      assert.deepEqual([exit.cause, exit.exitCode], [null, 0])
    },
  },
  {
    name: 'crash',
    what: 'abort() and a WebAssembly trap of plain Node: signals inside the process',
    async run({ cells }) {
      const trapped = await cells.run(WASM_TRAP)
      assert.equal(Buffer.from(trapped.stdout).toString(), 'memory access out of bounds')
      const exit = await cells.run('process.abort()')
      assert.deepEqual([exit.cause?.kind, exit.cause?.reason], ['strategy_error', 'crashed'])
    },
  },
]
