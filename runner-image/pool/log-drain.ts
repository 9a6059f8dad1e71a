import {
  LOG_ENTRY_HEAD,
  MAILBOX_HEAD,
  MAILBOX_RING_OFFSET,
  MAILBOX_RING_UNITS,
  MAILBOX_TAIL,
  MAX_LOG_FIELDS,
  MAX_LOG_TEXT,
} from '../realm/mailbox-layout.ts'
import type { LOG_LEVELS } from '../../src/protocol/events.ts'
import type { FlatJson } from '../../src/protocol/run-config.ts'

export interface LogEntry {
  readonly level: (typeof LOG_LEVELS)[number]
  readonly time: number | null
  readonly text: string
  readonly fields?: FlatJson
}

const LEVELS: readonly LogEntry['level'][] = ['debug', 'info', 'warn', 'error']
const timeUnits = new Uint16Array(4)
const timeValue = new Float64Array(timeUnits.buffer)

/** Takes all complete entries out of the ring of a mailbox; a ring that makes no sense throws. */
export function drainLog(mailbox: SharedArrayBuffer): LogEntry[] {
  const words = new Int32Array(mailbox, 0, 16)
  const ring = new Uint16Array(mailbox, MAILBOX_RING_OFFSET, MAILBOX_RING_UNITS)
  const head = Atomics.load(words, MAILBOX_HEAD)
  let at = words[MAILBOX_TAIL]!
  const left = () => (head - at) | 0
  const entries: LogEntry[] = []
  const take = () => {
    const unit = ring[at & (MAILBOX_RING_UNITS - 1)]!
    at = (at + 1) | 0
    return unit
  }
  while (left() > 0) {
    if (left() < LOG_ENTRY_HEAD || left() > MAILBOX_RING_UNITS)
      throw new Error('Cannot read the log ring: its counters are broken')
    const level = LEVELS[take()]
    const hasTime = take() === 1
    for (let i = 0; i < 4; i++) timeUnits[i] = take()
    const textLength = take() + 65_536 * take()
    const fieldsLength = take() + 65_536 * take()
    const fits =
      textLength <= MAX_LOG_TEXT + 64 && fieldsLength <= MAX_LOG_FIELDS && textLength + fieldsLength <= left()
    if (level === undefined || !fits) throw new Error('Cannot read the log ring: an entry is broken')
    const time = hasTime && Number.isFinite(timeValue[0]) ? timeValue[0]! : null
    const text = takeText(take, textLength)
    const fields = takeText(take, fieldsLength)
    entries.push({ level, time, text, ...(fields === '' ? {} : { fields: JSON.parse(fields) as FlatJson }) })
  }
  Atomics.store(words, MAILBOX_TAIL, at)
  Atomics.notify(words, MAILBOX_TAIL)
  return entries
}

function takeText(take: () => number, length: number): string {
  const units = new Uint16Array(length)
  for (let i = 0; i < length; i++) units[i] = take()
  let text = ''
  for (let from = 0; from < length; from += 4096) text += String.fromCharCode(...units.subarray(from, from + 4096))
  return text
}
