import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EventLines, MAX_MALFORMED_LINES, parseEventLine } from '../../../orchestrator-service/sandbox/event-lines.ts'
import type { CellEvent } from '../../../src/protocol/events.ts'

const bytes = (text: string) => new Uint8Array(Buffer.from(text))
const log = (text: string): CellEvent => ({ type: 'log', level: 'info', unit: 'BTCUSDT', time: 5, text })

function reader(lineBytes = 65_536, caps = { logBytes: Infinity, checkpointBytes: Infinity }) {
  const events: CellEvent[] = []
  const overflows: string[] = []
  const floods: number[] = []
  const lines = new EventLines({
    lineBytes,
    ...caps,
    onOverflow: (what) => overflows.push(what),
    onEvent: (event) => events.push(event),
    onFlood: (n) => floods.push(n),
    now: () => 1000,
  })
  return { lines, events, floods, overflows }
}

test('events arrive whole whatever the chunks', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme', maxLength: 60 }), { maxLength: 20 }),
      fc.integer({ min: 1, max: 30 }),
      (texts, cut) => {
        const { lines, events } = reader()
        const stream = bytes(texts.map((text) => `${JSON.stringify(log(text))}\n`).join(''))
        for (let at = 0; at < stream.length; at += cut) lines.push(stream.subarray(at, at + cut))
        lines.end()

        expect(events).toEqual(texts.map(log))
        expect(lines.logs.map((entry) => entry.text)).toEqual(texts)
        expect(lines.summary()).toMatchObject({
          bytes: stream.length,
          droppedBytes: 0,
          malformedLines: 0,
          sha256: createHash('sha256').update(stream).digest('hex'),
        })
      },
    ),
    { numRuns: 300 },
  )
})

test.for([
  ['empty', ''],
  ['no object', '[1]'],
  ['not JSON', '{"type":}'],
  ['unknown type', '{"type":"commit"}'],
  ['unknown field', '{"type":"fatal","kind":"heap","message":"","barTime":null,"x":1}'],
  ['wrong type', '{"type":"progress","phase":"load","done":"1","total":1,"barTime":null}'],
  ['negative', '{"type":"progress","phase":"load","done":-1,"total":1,"barTime":null}'],
  ['own __proto__', '{"type":"log","level":"info","unit":"u","time":null,"text":"t","fields":{"__proto__":1}}'],
  ['__proto__ beside', '{"type":"log","level":"info","unit":"u","time":null,"text":"t","__proto__":{}}'],
  ['nested fields', '{"type":"log","level":"info","unit":"u","time":null,"text":"t","fields":{"a":{}}}'],
  ['infinite time', '{"type":"log","level":"info","unit":"u","time":1e999,"text":"t"}'],
  ['trailing bytes', '{"type":"fatal","kind":"heap","message":"","barTime":null} '],
  ['two in a line', '{"type":"fatal","kind":"heap","message":"","barTime":null}{}'],
  ['deep', `{"type":${'['.repeat(20_000)}${']'.repeat(20_000)}}`],
] as const)('a line that is no event (%s) has no effect', ([, line]) => {
  expect(parseEventLine(bytes(line))).toBeNull()
})

test('bytes that are not UTF-8 are no event', () => {
  const line = bytes(JSON.stringify(log('x')))
  line[line.length - 4] = 0xff

  expect(parseEventLine(line)).toBeNull()
})

test('a line over the cap is never parsed; the next one is', () => {
  const { lines, events } = reader(200)
  lines.push(bytes(`${JSON.stringify(log('a'.repeat(500)))}\n${JSON.stringify(log('short'))}\n`))
  lines.end()

  expect(events).toEqual([log('short')])
  expect(lines.logs[0]).toMatchObject({ source: 'raw', level: 'warn', unit: null })
  expect(lines.summary().malformedLines).toBe(1)
})

test('a line over the cap is no event although its first bytes are one', () => {
  const event = JSON.stringify(log('whole'))
  const { lines, events } = reader(event.length)
  lines.push(bytes(`${event}, "and": "more"}\n${event}\n`))

  expect(events).toEqual([log('whole')])
  expect(lines.summary().malformedLines).toBe(1)
})

test('raw text is kept as text, bounded in length', () => {
  const { lines, events } = reader()
  lines.push(bytes(`\u001b[31mERROR {"type":"fatal"}\n${'y'.repeat(5000)}\nlast without a line feed`))
  lines.end()

  expect(events).toEqual([])
  expect(lines.logs.map((entry) => entry.source)).toEqual(['raw', 'raw', 'raw'])
  expect(lines.logs[1]?.text).toBe(`${'y'.repeat(1024)}… (5000 bytes)`)
})

test('more malformed lines than a crash report has are a flood, reported once; memory stays bounded', () => {
  const { lines, floods } = reader()
  for (let round = 0; round < 30; round += 1) lines.push(bytes('\n'.repeat(2000)))

  expect(floods).toEqual([MAX_MALFORMED_LINES + 1])
  expect(lines.logs.length).toBe(20_000)
  expect(lines.summary()).toMatchObject({ malformedLines: 60_000, droppedLogs: 40_000 })
})

test('of many logs the first and the last are kept in order, with the number between', () => {
  const { lines } = reader()
  for (let i = 0; i < 25_003; i += 1) lines.push(bytes(`${JSON.stringify(log(String(i)))}\n`))
  const texts = lines.logs.map((entry) => Number(entry.text))

  expect(texts.length).toBe(20_000)
  expect(texts.slice(0, 10_000)).toEqual(Array.from({ length: 10_000 }, (_, i) => i))
  expect(texts.slice(10_000)).toEqual(Array.from({ length: 10_000 }, (_, i) => 15_003 + i))
  expect(lines.summary().droppedLogs).toBe(5003)
})

test('an event at an instant that no date can show is not an event', () => {
  const progress = { type: 'progress', phase: 'decide', done: 1, total: 2 }

  const shown = parseEventLine(bytes(JSON.stringify({ ...progress, barTime: 5 })))
  const beyond = parseEventLine(bytes(JSON.stringify({ ...progress, barTime: 1e300 })))

  expect(shown).toMatchObject({ barTime: 5 })
  expect(beyond).toBeNull()
})

const checkpoint = (data: string): CellEvent => ({
  type: 'checkpoint',
  unit: 0,
  part: 0,
  parts: 1,
  data,
  sha256: '0'.repeat(64),
})

test('checkpoints and all other lines have a cap each; over one of them nothing more is read', () => {
  const [large, small] = [checkpoint('a'.repeat(400)), log('small')]
  const sizeOf = (event: CellEvent) => JSON.stringify(event).length + 1
  const caps = { logBytes: 2 * sizeOf(small), checkpointBytes: 2 * sizeOf(large) }
  const read = (events: readonly CellEvent[]) => {
    const made = reader(65_536, caps)
    for (const event of events) made.lines.push(bytes(`${JSON.stringify(event)}\n`))
    made.lines.end()
    return { count: made.events.length, overflows: made.overflows }
  }

  expect(read([large, small, large, small])).toEqual({ count: 4, overflows: [] })
  expect(read([large, small, large, large, small])).toEqual({ count: 3, overflows: ['checkpoints'] })
  expect(read([small, large, small, small, large])).toEqual({ count: 3, overflows: ['stderr'] })
})

test('a line without end passes the cap of the log when it is longer than a line may be', () => {
  const { lines, overflows } = reader(1000, { logBytes: 5000, checkpointBytes: 100_000 })

  for (let round = 0; round < 60; round += 1) lines.push(bytes(round === 0 ? '{"type":"checkpoint",' : 'x'.repeat(100)))

  expect(overflows).toEqual(['stderr'])
})
