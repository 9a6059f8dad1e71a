/** Log entries of user code, written into the ring of the mailbox; the supervisor makes events of them. */
import { currentTime } from './clock.ts'
import { describeValue } from '../../src/strategies/failures.ts'
import { isError } from './failures.ts'
import {
  LOG_ENTRY_HEAD,
  MAILBOX_HEAD,
  MAILBOX_RING_OFFSET,
  MAILBOX_RING_UNITS,
  MAILBOX_STOP,
  MAILBOX_TAIL,
  MAX_LOG_FIELDS,
  MAX_LOG_TEXT,
} from './mailbox-layout.ts'

export const LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type Level = (typeof LEVELS)[number]

const { load, store, wait } = Atomics
const timeBytes = new Float64Array(1)
const timeUnits = new Uint16Array(timeBytes.buffer)
const mailbox: { words: Int32Array; ring: Uint16Array } = {
  words: new Int32Array(0),
  ring: new Uint16Array(0),
}

export function openLog(memory: SharedArrayBuffer): void {
  mailbox.words = new Int32Array(memory, 0, 16)
  mailbox.ring = new Uint16Array(memory, MAILBOX_RING_OFFSET, MAILBOX_RING_UNITS)
}

/** Writes one entry; waits for the supervisor while the ring is full. `fields` is JSON or ''. */
export function writeLog(level: Level, fullText: string, fields: string): void {
  const { words, ring } = mailbox
  const over = fullText.length - MAX_LOG_TEXT
  const text = over > 0 ? `${fullText.slice(0, MAX_LOG_TEXT)}… (${over} more characters)` : fullText
  const size = LOG_ENTRY_HEAD + text.length + fields.length
  const head = words[MAILBOX_HEAD]!
  for (;;) {
    if (load(words, MAILBOX_STOP) !== 0) throw new Error('The run has ended')
    const tail = load(words, MAILBOX_TAIL)
    if (MAILBOX_RING_UNITS - ((head - tail) >>> 0) >= size) break
    wait(words, MAILBOX_TAIL, tail, 20)
  }
  let at = head
  const put = (unit: number) => {
    ring[at & (MAILBOX_RING_UNITS - 1)] = unit
    at = (at + 1) | 0
  }
  const time = currentTime()
  timeBytes[0] = time
  put(level === 'debug' ? 0 : level === 'info' ? 1 : level === 'warn' ? 2 : 3)
  put(time === 0 ? 0 : 1)
  for (let i = 0; i < 4; i++) put(timeUnits[i]!)
  put(text.length & 0xffff)
  put(text.length >>> 16)
  put(fields.length & 0xffff)
  put(fields.length >>> 16)
  for (let i = 0; i < text.length; i++) put(text.charCodeAt(i))
  for (let i = 0; i < fields.length; i++) put(fields.charCodeAt(i))
  store(words, MAILBOX_HEAD, at)
}

/** `context.log(level, text, fields?)`. @throws TypeError for another shape */
export function logFromContext(level: unknown, text: unknown, fields?: unknown): void {
  if (level !== 'debug' && level !== 'info' && level !== 'warn' && level !== 'error') {
    throw new TypeError(`log() got level ${describeValue(level)}, expected one of ${LEVELS.join(', ')}`)
  }
  if (typeof text !== 'string') throw new TypeError(`log() got ${describeValue(text)} as text, expected a string`)
  writeLog(level, text, fields === undefined ? '' : flatJson(fields))
}

function flatJson(fields: unknown): string {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
    throw new TypeError(`log() got ${describeValue(fields)} as fields, expected a flat object`)
  }
  const flat: Record<string, unknown> = { __proto__: null }
  for (const key in fields) {
    const value = (fields as Record<string, unknown>)[key]
    const type = typeof value
    if (value === undefined) continue
    if (value !== null && type !== 'string' && type !== 'number' && type !== 'boolean') {
      throw new TypeError(`log() got ${describeValue(value)} in field ${describeValue(key)}, expected a flat object`)
    }
    flat[key] = type === 'number' && !Number.isFinite(value) ? String(value) : value
  }
  const json = JSON.stringify(flat)
  if (json.length > MAX_LOG_FIELDS)
    throw new TypeError(`log() got fields of ${json.length} characters, expected at most ${MAX_LOG_FIELDS}`)
  return json
}

/** Replaces the global console. */
export function installConsole(): void {
  const print =
    (level: Level) =>
    (...values: unknown[]) =>
      writeLog(level, values.map(formatValue).join(' '), '')
  const info = print('info')
  const methods = {
    debug: print('debug'),
    log: info,
    info,
    warn: print('warn'),
    error: print('error'),
    trace: print('debug'),
    dir: (value: unknown) => info(value),
    table: (value: unknown) => info(value),
    assert: (condition: unknown, ...values: unknown[]) => {
      if (!condition) writeLog('error', `Assertion failed: ${values.map(formatValue).join(' ')}`, '')
    },
  }
  Object.defineProperty(globalThis, 'console', { value: methods, writable: true, configurable: true })
}

function formatValue(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value !== 'object' || value === null) return typeof value === 'bigint' ? `${value}n` : describeValue(value)
  try {
    if (isError(value)) return String(value.stack)
    return JSON.stringify(value) ?? 'an object'
  } catch {
    return 'an object that cannot be written as JSON'
  }
}
