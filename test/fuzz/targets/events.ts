import { createHash } from 'node:crypto'
import { EventLines, MAX_MALFORMED_LINES } from '../../../orchestrator-service/sandbox/event-lines.ts'
import { Attestation, type CellEvent } from '../../../src/protocol/events.ts'
import type { Random } from '../../support/random.ts'
import { type FuzzCase, type FuzzTarget, must, mustEqual } from '../fuzz-target.ts'
import { chunkings, maybeMutate, randomBytes, TRICKY_NUMBERS, TRICKY_TEXTS } from '../mutate.ts'
import { isEvent } from '../reference/event-shape.ts'

const HEAD_TAIL_BYTES = 256 * 1024
const KEPT_LOGS = 20_000

interface Outcome {
  readonly events: readonly unknown[]
  readonly malformed: number
  readonly floods: number
  readonly raws: readonly string[]
}

/** Splits the whole text at line feeds and believes what a checker of our own believes. */
function readNaively(bytes: Uint8Array, lineBytes: number): Outcome {
  const events: unknown[] = []
  const raws: string[] = []
  const lines: Uint8Array[] = []
  let from = 0
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, from)) {
    lines.push(bytes.subarray(from, at))
    from = at + 1
  }
  if (from < bytes.length) lines.push(bytes.subarray(from))
  for (const line of lines) {
    const event = line.length <= lineBytes ? readEvent(line) : null
    if (event !== null) events.push(event)
    else
      raws.push(
        Buffer.from(line.subarray(0, Math.min(lineBytes, 1024))).toString('utf8') +
          (line.length > 1024 ? `… (${line.length} bytes)` : ''),
      )
  }
  return { events, malformed: raws.length, floods: raws.length > MAX_MALFORMED_LINES ? 1 : 0, raws: raws.slice(0, 100) }
}

function readEvent(line: Uint8Array): unknown {
  if (line[0] !== 0x7b || line.at(-1) !== 0x7d) return null
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line))
    return isEvent(value) ? value : null
  } catch {
    return null
  }
}

function read(chunks: readonly Uint8Array[], bytes: Uint8Array, lineBytes: number): Outcome {
  const events: CellEvent[] = []
  const raws: string[] = []
  let floods = 0
  const lines = new EventLines({
    lineBytes,
    logBytes: Infinity,
    checkpointBytes: Infinity,
    onOverflow: () => must(false, 'There is no cap to pass'),
    onEvent: (event) => void events.push(event),
    onLog: (entry) => entry.source === 'raw' && void raws.push(entry.text),
    onFlood: () => void (floods += 1),
    now: () => 0,
  })
  for (const chunk of chunks) lines.push(chunk)
  lines.end()
  const summary = lines.summary()
  const { head, tail, droppedBytes } = summary
  must(head.length <= HEAD_TAIL_BYTES && tail.length <= HEAD_TAIL_BYTES, 'Head or tail is over its cap')
  must(head.length + droppedBytes + tail.length === bytes.length, 'Head, gap and tail are not the stream')
  must(Buffer.from(bytes.subarray(0, head.length)).equals(head), 'The head is not the head')
  must(Buffer.from(bytes.subarray(bytes.length - tail.length)).equals(tail), 'The tail is not the tail')
  must(summary.sha256 === createHash('sha256').update(bytes).digest('hex'), 'The hash is of other bytes')
  must(lines.logs.length <= KEPT_LOGS, 'More log entries are kept than may be')
  return { events, malformed: summary.malformedLines, floods, raws: raws.slice(0, 100) }
}

const quote = (random: Random): string => JSON.stringify(random.pick(TRICKY_TEXTS))
const number = (random: Random): string =>
  random.chance(0.8) ? String(random.int(-5, 1_000_000)) : random.pick(TRICKY_NUMBERS)
const instant = (random: Random): string => (random.chance(0.5) ? 'null' : number(random))

/** A value of each field's type. The fields are the schema's own: what they may hold is checked by the reference. */
function attestation(random: Random): string {
  const valueOf = (schema: { type?: string; const?: unknown; items?: { type?: string } }): string => {
    if (schema.const !== undefined) return JSON.stringify(schema.const)
    if (schema.type === 'boolean') return String(random.chance(0.5))
    if (schema.type === 'string') return quote(random)
    if (schema.type !== 'array') return number(random)
    return `[${Array.from({ length: random.int(0, 6) }, () => valueOf(schema.items ?? {})).join(',')}]`
  }
  const fields = Object.entries(Attestation.properties).map(([name, schema]) => `"${name}":${valueOf(schema)}`)
  return `{${fields.join(',')}}`
}

function line(random: Random): string {
  const pick = random.int(0, 7)
  if (pick === 7)
    return `{"type":"checkpoint","unit":${number(random)},"part":${number(random)},"parts":${number(random)},"data":${quote(random)},"sha256":"${'ab'.repeat(random.int(31, 32))}"}`
  if (pick === 0) return `{"type":"attestation","attestation":${attestation(random)}}`
  if (pick === 1)
    return `{"type":"accepted","lookback":${number(random)},"symbols":[${quote(random)}],"units":${number(random)}}`
  if (pick === 5) return `{"type":"unready","message":${quote(random)}}`
  if (pick === 2)
    return `{"type":"progress","phase":"${random.pick(['load', 'decide', 'execute', 'x'])}","done":${number(random)},"total":${number(random)},"barTime":${instant(random)}}`
  if (pick === 3)
    return `{"type":"fatal","kind":"${random.pick(['heap', 'bar_time', 'load_time', 'internal', ''])}","message":${quote(random)},"barTime":${instant(random)}}`
  const fields = random.chance(0.5)
    ? ''
    : `,"fields":{${quote(random)}:${random.pick([number(random), quote(random), 'true', 'null', '{}', '[]'])}}`
  return `{"type":"log","level":"${random.pick(['info', 'warn', 'loud'])}","unit":${quote(random)},"time":${instant(random)},"text":${quote(random)}${fields}}`
}

/** The cell's stderr: one JSON event a line, and whatever else is written there. */
export const eventsTarget: FuzzTarget = {
  make(random): FuzzCase {
    const parts: Uint8Array[] = []
    const encoder = new TextEncoder()
    for (let i = random.int(0, 12); i > 0; i -= 1) {
      const text = encoder.encode(line(random))
      parts.push(
        random.chance(0.7) ? text : maybeMutate(random, text),
        encoder.encode(random.pick(['\n', '\n', '\n', '\n', '\r\n', '', '\n\n'])),
      )
    }
    if (random.chance(0.002)) parts.push(new Uint8Array(MAX_MALFORMED_LINES + random.int(-1, 1)).fill(10))
    if (random.chance(0.002)) parts.push(randomBytes(random, 2 * HEAD_TAIL_BYTES + random.int(-2000, 2000)))
    const bytes = maybeMutate(random, new Uint8Array(Buffer.concat(parts)), 2)
    return { bytes, settings: { cuts: random.int(0, 2 ** 31), lineBytes: random.pick([16, 100, 1000, 65_536]) } }
  },
  check({ bytes, settings }) {
    const lineBytes = settings['lineBytes']!
    const wanted = readNaively(bytes, lineBytes)
    for (const chunks of chunkings(bytes, settings['cuts']!))
      mustEqual('The outcome', read(chunks, bytes, lineBytes), wanted)
  },
}
