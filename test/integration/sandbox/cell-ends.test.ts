import { afterAll, afterEach, expect, test } from 'vitest'
import { openCellBench, policyWith } from '../../support/cells.ts'

const bench = openCellBench()
afterEach(async () => expect(await bench.left()).toEqual([]))
afterAll(async () => bench[Symbol.asyncDispose]())

test('a cell that ends by itself hands over its whole output and its exit', async () => {
  const bytes = 20 * 2 ** 20
  const body = `const chunk = Buffer.alloc(2 ** 20, 'x'); for (let i = 0; i < 20; i++) fs.writeSync(1, chunk)
    emit({ type: 'progress', phase: 'execute', done: 1, total: 1, barTime: 1234 })`

  const exit = await bench.run(body.replaceAll('fs.writeSync(1, chunk)', 'writeAll(chunk)') + WRITE_ALL)

  expect(exit).toMatchObject({
    cause: null,
    killedBy: null,
    exitCode: 0,
    signal: null,
    oomKilled: false,
    removed: true,
  })
  expect(exit.stdout.length).toBe(bytes)
  expect(exit.stdout.every((byte) => byte === 120)).toBe(true)
  expect(exit).toMatchObject({ lastBarTime: 1234, stdoutDroppedBytes: 0, usage: { stdoutBytes: bytes } })
  expect(exit.limits).toMatchObject({ policy: 'default', memoryBytes: 2 ** 31, memorySwapBytes: 2 ** 31, pids: 64 })
  expect(exit.usage.cpuNanos).toBeGreaterThan(1e6)
  expect(exit.usage.peakMemoryBytes).toBeGreaterThan(2 ** 20)
})

test.for([
  ['a nonzero exit', 'process.exit(3)', { kind: 'platform_error', reason: 'protocol' }, 3, null],
  ['abort()', 'process.abort()', { kind: 'strategy_error', reason: 'crashed' }, 139, 'kernel'],
  [
    'a full V8 heap',
    'const a = []; for (;;) a.push(new Array(1000).fill(a.length))',
    { kind: 'strategy_error', reason: 'crashed' },
    139,
    'kernel',
  ],
  [
    'more memory than the limit',
    'const a = []; for (;;) a.push(Buffer.alloc(2 ** 24, 1))',
    { kind: 'limit_exceeded', reason: 'memory' },
    137,
    'kernel',
  ],
] as const)('%s is mapped with its evidence', { timeout: 120_000 }, async ([, body, cause, exitCode, killedBy]) => {
  const policy = policyWith({ memoryBytes: body.includes('Buffer') ? 192 * 2 ** 20 : 2 ** 31 })

  const exit = await bench.run(body, { policy })

  expect(exit).toMatchObject({ cause, exitCode, killedBy })
})

test('SIGKILL, SIGTERM and SIGSTOP of a cell to itself do nothing', async () => {
  const body = `for (const signal of ['SIGKILL', 'SIGSTOP']) try { process.kill(1, signal) } catch (e) { process.stdout.write(e.code + ' ') }
    process.stdout.write('alive')`

  const exit = await bench.run(body)

  expect(exit.cause).toBeNull()
  expect(Buffer.from(exit.stdout).toString()).toContain('alive')
})

test('the wall clock ends a cell that spins, and says that the host killed it', async () => {
  const exit = await bench.run('for (;;);', { policy: policyWith({ wallTimeMs: 1500 }) })

  expect(exit).toMatchObject({
    cause: { kind: 'limit_exceeded', reason: 'wall_time' },
    killedBy: 'host',
    exitCode: 137,
    oomKilled: false,
    signal: 'SIGKILL',
  })
  expect(exit.usage.wallMs).toBeLessThan(5000)
})

test('silence ends a cell, events do not', async () => {
  const policy = policyWith({ noEventTimeMs: 1500 })
  const talking = `let n = 0; const t = setInterval(() => { emit({ type: 'progress', phase: 'decide', done: ++n, total: 5, barTime: n }); if (n === 5) clearInterval(t) }, 700)`

  const silent = await bench.run('setInterval(() => {}, 1000)', { policy })
  const talked = await bench.run(talking, { policy })

  expect(silent.cause).toMatchObject({ kind: 'limit_exceeded', reason: 'no_event' })
  expect(talked).toMatchObject({ cause: null, lastBarTime: 5 })
})

test('the first cause wins', async () => {
  const cell = await bench.start()
  cell.kill({ kind: 'cancelled', reason: null, message: 'first' })
  cell.kill({ kind: 'limit_exceeded', reason: 'wall_time', message: 'second' })

  const exit = await cell.finished
  cell.kill({ kind: 'limit_exceeded', reason: 'cpu', message: 'third' })

  expect(exit.cause).toEqual({ kind: 'cancelled', reason: null, message: 'first' })
  await expect(cell.attested).rejects.toThrow('first')
})

test.for([
  ['heap', { kind: 'limit_exceeded', reason: 'memory' }],
  ['bar_time', { kind: 'limit_exceeded', reason: 'bar_time' }],
  ['load_time', { kind: 'strategy_error', reason: 'load_timeout' }],
  ['internal', { kind: 'platform_error', reason: 'invariant' }],
] as const)('a fatal event of kind %s ends the cell as what it means', async ([kind, cause]) => {
  const exit = await bench.run(
    `emit({ type: 'fatal', kind: '${kind}', message: 'because', barTime: 77 }); setInterval(() => {}, 1000)`,
  )

  expect(exit).toMatchObject({ cause: { ...cause, message: 'because' }, killedBy: 'host', lastBarTime: 77 })
})

test('a forbidden system call is refused and does not kill', async () => {
  const exit = await bench.run(`try { process.setuid(0) } catch (e) { process.stdout.write(e.code) }`)

  expect(exit).toMatchObject({ cause: null, exitCode: 0 })
  expect(Buffer.from(exit.stdout).toString()).toBe('EPERM')
})

const WRITE_ALL = `
function writeAll(chunk) { for (let at = 0; at < chunk.length;) try { at += fs.writeSync(1, chunk, at) } catch (e) { if (e.code !== 'EAGAIN') throw e } }`
