import { afterAll, afterEach, expect, test } from 'vitest'
import { attestingProgram, lyingProgram } from '../../support/attesting-program.ts'
import { openCellBench, policyWith } from '../../support/cells.ts'

const bench = openCellBench()
afterEach(async () => expect(await bench.left()).toEqual([]))
afterAll(async () => bench[Symbol.asyncDispose]())

const OUTPUT = { kind: 'limit_exceeded', reason: 'output' }
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString()

test('a flood on stdout is cut at the cap, killed and said so', async () => {
  const policy = policyWith({ stdoutBytes: 3_000_001 })

  const exit = await bench.run(
    `const chunk = Buffer.alloc(2 ** 20, 'y'); for (;;) try { fs.writeSync(1, chunk) } catch {}`,
    { policy },
  )

  expect(exit).toMatchObject({ cause: OUTPUT, killedBy: 'host', removed: true })
  expect(exit.stdout.length).toBe(3_000_001)
  expect(exit.stdoutDroppedBytes).toBe(exit.usage.stdoutBytes - 3_000_001)
  expect(exit.stdoutDroppedBytes).toBeGreaterThan(0)
})

test('a flood of events on stderr is cut at the cap; head and tail are kept with the bytes between', async () => {
  const body = `for (let i = 0; ; i++) try { emit({ type: 'log', level: 'info', unit: 'u', time: i, text: 'z'.repeat(1000) }) } catch {}`

  const exit = await bench.run(body)

  expect(exit.cause).toMatchObject({ ...OUTPUT, message: 'The cell wrote more than 8388608 bytes to stderr' })
  const { bytes, head, droppedBytes, tail } = exit.stderr
  // What was under way when the cap was passed is counted too
  expect(bytes).toBeGreaterThan(8_388_608)
  expect(bytes).toBeLessThan(8_388_608 + 2 ** 20)
  expect(head.length + droppedBytes + tail.length).toBe(bytes)
  expect(exit.logs.length).toBeGreaterThan(7000)
  expect(
    exit.logs.every((log) => log.source === 'strategy' || log.text.endsWith('…') || log === exit.logs.at(-1)),
  ).toBe(true)
})

test('lines that are not events are kept as raw text only; ten thousand of them end the cell', async () => {
  const few = await bench.run(
    `for (const line of ['plain', '{"type":"log"}', '{}', '\\u001b[31mred', '{"type":"fatal","kind":"heap","message":"m","barTime":null,"x":1}']) fs.writeSync(2, line + '\\n')`,
  )
  const many = await bench.run(
    `const lines = '\\n'.repeat(5000); for (let i = 0; i < 100; i++) fs.writeSync(2, lines); setInterval(() => {}, 1000)`,
  )

  expect(few).toMatchObject({ cause: null, stderr: { malformedLines: 5, eventCounts: { attestation: 1 } } })
  expect(few.logs.map((log) => log.source)).toEqual(['raw', 'raw', 'raw', 'raw', 'raw'])
  expect(many).toMatchObject({ cause: OUTPUT, killedBy: 'host' })
  expect(many.logs.length).toBeLessThanOrEqual(20_000)
})

test('one endless line on stderr is never parsed and ends at the cap', async () => {
  const exit = await bench.run(
    `const chunk = Buffer.alloc(2 ** 16, 'L'); for (;;) try { fs.writeSync(2, chunk) } catch {}`,
  )

  expect(exit.cause).toMatchObject(OUTPUT)
  expect(exit.stderr).toMatchObject({ malformedLines: 1, eventCounts: { attestation: 1 } })
  expect(exit.logs[0]?.text.length).toBeLessThan(1100)
})

test('bytes that look like the headers of the engine are payload', async () => {
  const forged = `const header = Buffer.from([2, 0, 0, 0, 0, 0, 0, 5]); process.stdout.write(Buffer.concat([header, Buffer.from('hello'), Buffer.from([9, 9, 9, 9, 255, 255, 255, 255]), Buffer.from([1])]))`

  const exit = await bench.run(forged)

  expect(exit).toMatchObject({ cause: null, stderr: { malformedLines: 0 } })
  expect([...exit.stdout]).toEqual([2, 0, 0, 0, 0, 0, 0, 5, ...Buffer.from('hello'), 9, 9, 9, 9, 255, 255, 255, 255, 1])
})

test('a cell that never reads its input is ended, and send returns', async () => {
  const policy = policyWith({ noEventTimeMs: 2000 })
  const cell = await bench.start({
    policy,
    image: {
      files: {
        'main.mjs': attestingProgram(
          `setInterval(() => emit({ type: 'progress', phase: 'load', done: 0, total: 1, barTime: null }), 300)`,
        ),
      },
    },
  })
  await cell.attested

  await cell.send([new Uint8Array(32 * 2 ** 20)])
  const exit = await cell.finished

  expect(exit.cause).toEqual({ kind: 'limit_exceeded', reason: 'no_event', message: 'The cell did not read its input' })
})

test('a cell that answers and exits while it is being fed loses none of its answer', async () => {
  const program = `const chunk = Buffer.alloc(3 * 2 ** 20, 'r'); for (let at = 0; at < chunk.length;) try { at += fs.writeSync(1, chunk, at) } catch (e) { if (e.code !== 'EAGAIN') throw e }
    process.exit(0)`
  for (let round = 0; round < 5; round += 1) {
    const cell = await bench.start({ image: { files: { 'main.mjs': attestingProgram(program) } } })

    await cell.send([new Uint8Array(64 * 2 ** 20)])
    await cell.endInput()
    const exit = await cell.finished

    expect(exit).toMatchObject({ cause: null, exitCode: 0 })
    expect(exit.stdout.length).toBe(3 * 2 ** 20)
  }
})

test('64 MiB of input arrive whole, shared memory too', { timeout: 60_000 }, async () => {
  const shared = new Uint8Array(new SharedArrayBuffer(64 * 2 ** 20)).fill(7)
  const program = `let n = 0, sum = 0; process.stdin.on('data', (d) => { n += d.length; sum += d[0] === 7 && d[d.length - 1] === 7 ? 0 : 1 }); process.stdin.on('end', () => process.stdout.write(n + ' ' + sum))`
  const cell = await bench.start({ image: { files: { 'main.mjs': attestingProgram(program) } } })

  await cell.send([shared])
  await cell.endInput()
  const exit = await cell.finished

  expect(text(exit.stdout)).toBe(`${64 * 2 ** 20} 0`)
})

test('a cell that closes its output and stays is ended by its silence', async () => {
  const body = `process.stdout.write('done'); fs.closeSync(1); fs.closeSync(2); for (;;);`

  const exit = await bench.run(body, { policy: policyWith({ noEventTimeMs: 2000 }) })

  expect(exit).toMatchObject({ cause: { kind: 'limit_exceeded', reason: 'no_event' }, killedBy: 'host' })
  expect(text(exit.stdout)).toBe('done')
})

test('a cell that ends before it attested, or says something else first, is refused', async () => {
  const policy = policyWith({ bootTimeMs: 1500 })
  const early = await bench.start({ image: { files: { 'main.mjs': `process.stdout.write('{}')` } } })
  const other = await bench.start({
    image: {
      files: {
        'main.mjs': `process.stderr.write('{"type":"progress","phase":"load","done":0,"total":1,"barTime":null}\\n'); setInterval(() => {}, 1000)`,
      },
    },
  })
  const silent = await bench.start({ policy, image: { files: { 'main.mjs': `setInterval(() => {}, 1000)` } } })

  for (const cell of [early, other, silent]) {
    await expect(cell.attested).rejects.toMatchObject({ code: 'protocol' })
    expect((await cell.finished).cause).toMatchObject({ kind: 'platform_error', reason: 'attestation' })
  }
})

test.for([
  ['uid', `{ ...a, uid: 0 }`],
  ['memory', `{ ...a, memoryBytes: a.memoryBytes * 2 }`],
  ['capability', `{ ...a, capabilities: [...a.capabilities.slice(1), '0000000000000001'] }`],
  [
    'mount',
    `{ ...a, writableMounts: [...a.writableMounts, '/dev/shm rw,nosuid,nodev,noexec,relatime,rw,size=65536k'] }`,
  ],
] as const)('a cell that attests another %s is killed', async ([, change]) => {
  const cell = await bench.start({ image: { files: { 'main.mjs': lyingProgram(change) } } })

  await expect(cell.attested).rejects.toThrow(/is not what the policy "default" says/)
  expect(await cell.finished).toMatchObject({
    cause: { kind: 'platform_error', reason: 'attestation' },
    killedBy: 'host',
  })
})
