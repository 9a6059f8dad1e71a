import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Demux } from '../../../orchestrator-service/sandbox/demux.ts'

type Frame = { readonly stream: 1 | 2; readonly payload: Uint8Array }

function encode({ stream, payload }: Frame): Buffer {
  const header = Buffer.alloc(8)
  header[0] = stream
  header.writeUInt32BE(payload.length, 4)
  return Buffer.concat([header, payload])
}

function collect(caps = { stdoutBytes: Infinity, stderrBytes: Infinity }) {
  const out: Buffer[] = []
  const err: Buffer[] = []
  const overflows: string[] = []
  const demux = new Demux({
    ...caps,
    onStdout: (bytes) => out.push(Buffer.from(bytes)),
    onStderr: (bytes) => err.push(Buffer.from(bytes)),
    onOverflow: (stream) => overflows.push(stream),
  })
  return { demux, overflows, stdout: () => Buffer.concat(out), stderr: () => Buffer.concat(err) }
}

const frames = fc.array(
  fc.record({ stream: fc.constantFrom(1 as const, 2 as const), payload: fc.uint8Array({ maxLength: 300 }) }),
  { maxLength: 40 },
)

/** Cuts bytes at places that the cuts choose, also inside headers. */
function cutUp(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const chunks: Buffer[] = []
  let at = 0
  for (let i = 0; at < bytes.length; i += 1) {
    const length = cuts.length === 0 ? bytes.length : (cuts[i % cuts.length] as number)
    chunks.push(bytes.subarray(at, at + length))
    at += length
  }
  return chunks
}

test('whatever the chunks, each stream arrives whole and in order', () => {
  fc.assert(
    fc.property(frames, fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 20 }), (list, cuts) => {
      const seen = collect()
      for (const chunk of cutUp(Buffer.concat(list.map(encode)), cuts)) seen.demux.push(chunk)
      seen.demux.end()

      const of = (stream: 1 | 2) =>
        Buffer.concat(list.filter((frame) => frame.stream === stream).map((frame) => frame.payload))
      expect(seen.stdout().equals(of(1))).toBe(true)
      expect(seen.stderr().equals(of(2))).toBe(true)
      expect(seen.demux.stdout.bytes).toBe(of(1).length)
    }),
    { numRuns: 500 },
  )
})

test('a cap delivers exactly its bytes, counts the rest and reports once a stream', () => {
  fc.assert(
    fc.property(frames, fc.integer({ min: 0, max: 500 }), fc.integer({ min: 1, max: 40 }), (list, cap, cut) => {
      const seen = collect({ stdoutBytes: cap, stderrBytes: Infinity })
      for (const chunk of cutUp(Buffer.concat(list.map(encode)), [cut])) seen.demux.push(chunk)

      const whole = Buffer.concat(list.filter((frame) => frame.stream === 1).map((frame) => frame.payload))
      expect(seen.stdout().equals(whole.subarray(0, cap))).toBe(true)
      expect(seen.demux.stdout).toMatchObject({ bytes: whole.length, droppedBytes: Math.max(0, whole.length - cap) })
      expect(seen.overflows).toEqual(whole.length > cap ? ['stdout'] : [])
    }),
    { numRuns: 500 },
  )
})

test('payload that looks like a header is payload', () => {
  const seen = collect()
  const forged = encode({ stream: 2, payload: Buffer.from('not yours') })
  seen.demux.push(encode({ stream: 1, payload: forged }))
  seen.demux.end()

  expect(seen.stdout().equals(forged)).toBe(true)
  expect(seen.stderr().length).toBe(0)
})

test.for([
  ['stream type 0 (stdin)', [0, 0, 0, 0, 0, 0, 0, 1]],
  ['stream type 3', [3, 0, 0, 0, 0, 0, 0, 1]],
  ['padding', [1, 0, 9, 0, 0, 0, 0, 1]],
  ['text of a TTY', [...Buffer.from('hello wo')]],
] as const)('%s is an error of the connection, and nothing is delivered after it', ([, bytes]) => {
  const seen = collect()

  expect(() => seen.demux.push(Uint8Array.from(bytes))).toThrow(expect.objectContaining({ code: 'protocol' }))
  seen.demux.push(encode({ stream: 1, payload: Buffer.from('late') }))
  expect(seen.stdout().length).toBe(0)
})

test('a connection that ends inside a frame or a header is an error', () => {
  for (const cut of [1, 7, 8, 12]) {
    const seen = collect()
    seen.demux.push(encode({ stream: 1, payload: Buffer.from('hello') }).subarray(0, cut))
    expect(() => seen.demux.end(), String(cut)).toThrow(/ended inside a frame/)
  }
})

test('random bytes never hang it, never throw anything but protocol', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 20 }), (chunks) => {
      const seen = collect({ stdoutBytes: 100, stderrBytes: 100 })
      try {
        for (const chunk of chunks) seen.demux.push(chunk)
        seen.demux.end()
      } catch (error) {
        expect(error).toMatchObject({ code: 'protocol' })
      }
      expect(seen.stdout().length).toBeLessThanOrEqual(100)
    }),
    { numRuns: 1000 },
  )
})

test('a million empty frames are no recursion and take no time to speak of', () => {
  const seen = collect()
  const many = Buffer.alloc(8_000_000)
  for (let at = 0; at < many.length; at += 8) many[at] = 1

  const started = performance.now()
  seen.demux.push(many)

  expect(performance.now() - started).toBeLessThan(5000)
  expect(seen.demux.stdout.bytes).toBe(0)
})
