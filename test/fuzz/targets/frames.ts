import { createHash } from 'node:crypto'
import { PlatformError } from '../../../src/errors.ts'
import type { CandleSeries } from '../../../src/candles/series.ts'
import type { FrameLimits } from '../../../src/protocol/frame-limits.ts'
import { FrameParser } from '../../../src/protocol/frame-parser.ts'
import type { Random } from '../../support/random.ts'
import { type FuzzCase, type FuzzTarget, must, mustEqual } from '../fuzz-target.ts'
import { chunkings, mutateBytes, randomBytes, TRICKY_NUMBERS, TRICKY_TEXTS } from '../mutate.ts'
import { type FramesOutcome, readFramesNaively } from '../reference/frames.ts'

const LIMITS: FrameLimits = {
  headerBytes: 2048,
  descriptorBytes: 512,
  seriesCount: 3,
  slices: 0,
  questions: 0,
  questionBytes: 0,
  columnBytes: 2400,
  checkpointBytes: 0,
}

function describeSeries({ symbol, interval, rows, time }: CandleSeries): string {
  return `series ${symbol} ${interval} ${rows} ${Buffer.from(time.buffer).toString('hex')}`
}

/** `inPlace`: column bytes are written where the parser wants them, as the reader of the cell does. */
function read(chunks: readonly Uint8Array[], inPlace: boolean): FramesOutcome {
  const said: string[] = []
  let allocated = 0
  const hash = createHash('sha256')
  const parser = new FrameParser({
    limits: LIMITS,
    hasher: { update: (bytes) => void hash.update(bytes), digestHex: () => hash.digest('hex') },
    allocate(bytes) {
      allocated += bytes
      must(allocated <= LIMITS.columnBytes, `It took ${allocated} bytes for columns`)
      return new ArrayBuffer(bytes)
    },
    handlers: {
      header: (value) => void said.push(`header ${JSON.stringify(value)}`),
      series: (series) => void said.push(describeSeries(series)),
      funding: (series) => void said.push(JSON.stringify({ ...series, time: [...series.time] })),
      end: () => void said.push('end'),
    },
  })
  const feed = (chunk: Uint8Array): void => {
    for (let at = 0; at < chunk.length;) {
      const target = inPlace ? parser.target() : null
      if (target === null) {
        // One byte, so that the parser's own target is met where it begins
        const end = inPlace ? at + 1 : chunk.length
        parser.push(chunk.subarray(at, end))
        at = end
      } else {
        const part = chunk.subarray(at, at + target.length)
        target.set(part)
        parser.advance(part.length)
        at += part.length
      }
    }
  }
  try {
    for (const chunk of chunks) feed(chunk)
    return { said, end: parser.ended ? 'ended' : 'waiting' }
  } catch (error) {
    must(error instanceof PlatformError && error.code === 'protocol', `It threw ${String(error)}`)
    const again = errorOf(() => parser.push(Uint8Array.of(0)))
    must(again instanceof PlatformError && again.code === 'protocol', `After an error it threw ${String(again)}`)
    return { said, end: 'error' }
  }
}

function errorOf(action: () => void): unknown {
  try {
    action()
    return null
  } catch (error) {
    return error
  }
}

interface Piece {
  readonly kind: number
  readonly payload: Uint8Array
  /** Added to the length that is told. */
  readonly lie: number
}

const encoder = new TextEncoder()

function encodePiece(random: Random, { kind, payload, lie }: Piece): Uint8Array {
  const bytes = new Uint8Array(16 + Math.ceil(payload.length / 8) * 8)
  bytes.set([0x48, 0x4f, 0x54, 0x43, random.chance(0.01) ? 2 : 1, kind])
  if (random.chance(0.01)) bytes[random.int(0, 7)]! ^= 1
  new DataView(bytes.buffer).setBigUint64(8, BigInt(Math.max(0, payload.length + lie)), true)
  bytes.set(payload, 16)
  if (random.chance(0.02) && payload.length % 8 !== 0) bytes[bytes.length - 1] = 1
  return bytes
}

function header(random: Random): Uint8Array {
  const text = JSON.stringify({
    v: 1,
    job: random.pick(TRICKY_TEXTS),
    list: Array.from({ length: random.int(0, 9) }, (_, i) => i),
  })
  const odd = random.pick([
    '{"a":1,"a":2}',
    '{"__proto__":{"x":1}}',
    '['.repeat(900),
    `${'['.repeat(900)}${']'.repeat(900)}`,
    '1e999',
    '',
    'null',
  ])
  return random.chance(0.9) ? encoder.encode(text) : encoder.encode(odd)
}

function series(random: Random): Uint8Array {
  const rows = random.pick([0, 1, 2, 5, 16, 17, 50])
  const told = random.chance(0.9) ? String(rows) : random.pick(TRICKY_NUMBERS)
  const symbol = JSON.stringify(random.chance(0.8) ? 'AAA' : random.pick(TRICKY_TEXTS))
  const columns = ['time', 'open', 'high', 'low', 'close', 'volume']
  if (random.chance(0.05)) columns.reverse()
  const interval = random.chance(0.95) ? '1h' : random.pick(TRICKY_TEXTS)
  const kind = random.chance(0.97) ? 'base' : 'fill'
  const double = random.chance(0.05) ? ',"rows":1' : ''
  const text = `{"symbol":${symbol},"interval":${JSON.stringify(interval)},"kind":"${kind}","rows":${told},"columns":${random.chance(0.95) ? JSON.stringify(columns) : random.pick(['null', '{}', '["time,open,high,low,close,volume"]', '[[["time,open,high,low,close,volume"]]]'])}${double}}`
  const json = encoder.encode(text)
  const padded = random.chance(0.98) ? Math.ceil(json.length / 8) * 8 : json.length
  const payload = new Uint8Array(8 + padded + rows * 48).fill(0x20, 8, 8 + padded)
  const told8 = random.chance(0.95)
    ? BigInt(padded)
    : random.pick([0n, 8n, 7n, 2n ** 32n, 2n ** 53n + 8n, 2n ** 64n - 8n, 512n, 520n])
  new DataView(payload.buffer).setBigUint64(0, told8, true)
  payload.set(json, 8)
  payload.set(randomBytes(random, rows * 48), 8 + padded)
  return payload
}

function pieces(random: Random): Piece[] {
  const lie = (): number => (random.chance(0.95) ? 0 : random.pick([-8, -1, 1, 8, 48, 2 ** 32, 2 ** 53]))
  const list: Piece[] = [{ kind: 1, payload: header(random), lie: lie() }]
  for (let i = random.int(0, 4); i > 0; i -= 1) list.push({ kind: 2, payload: series(random), lie: lie() })
  if (random.chance(0.05))
    list.splice(random.int(0, list.length), 0, {
      kind: random.pick([0, 3, 4, 6, 255, 1]),
      payload: header(random),
      lie: 0,
    })
  if (random.chance(0.05)) list.reverse()
  if (random.chance(0.03)) list.shift()
  return list
}

/** The frames of the cell's stdin. */
export const framesTarget: FuzzTarget = {
  make(random): FuzzCase {
    const list = pieces(random)
    let body: Uint8Array = new Uint8Array(Buffer.concat(list.map((piece) => encodePiece(random, piece))))
    // Half of the changes before the sum is taken, so that it does not hide what lies behind it
    if (random.chance(0.2)) body = mutateBytes(random, body)
    const sha256 = createHash('sha256').update(body).digest('hex')
    const frames = random.chance(0.97) ? list.length : list.length + random.pick([-1, 1])
    const end = encodePiece(random, { kind: 5, payload: encoder.encode(JSON.stringify({ frames, sha256 })), lie: 0 })
    let bytes: Uint8Array = new Uint8Array(Buffer.concat([body, end]))
    if (random.chance(0.2)) bytes = mutateBytes(random, bytes)
    if (random.chance(0.05)) bytes = new Uint8Array(Buffer.concat([bytes, randomBytes(random, random.int(1, 20))]))
    return { bytes, settings: { cuts: random.int(0, 2 ** 31) } }
  },
  check({ bytes, settings }) {
    const wanted = readFramesNaively(bytes, LIMITS)
    for (const chunks of chunkings(bytes, settings['cuts']!)) {
      mustEqual('The outcome', read(chunks, false), wanted)
      mustEqual('The outcome in place', read(chunks, true), wanted)
    }
  },
}
