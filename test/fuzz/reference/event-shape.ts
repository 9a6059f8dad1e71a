import { Value } from 'typebox/value'
import { Attestation } from '../../../src/protocol/events.ts'

/** What a line of a cell's stderr may be, checked field by field without the product's schema of events. */
type Check = (value: unknown) => boolean

const isText =
  (most = Infinity): Check =>
  (value) =>
    typeof value === 'string' && Array.from(value).length <= most
const isNumber: Check = (value) => typeof value === 'number' && Number.isFinite(value)
const isIn =
  (from: number, to: number, whole = false): Check =>
  (value) =>
    typeof value === 'number' &&
    value >= from &&
    value <= to &&
    (!whole || Number.isInteger(value)) &&
    Number.isFinite(value)
const isOneOf =
  (...values: readonly string[]): Check =>
  (value) =>
    values.includes(value as string)
const isListOf =
  (check: Check, most: number): Check =>
  (value) =>
    Array.isArray(value) && value.length <= most && value.every(check)
const isInstant: Check = (value) => value === null || isIn(-8.64e15, 8.64e15)(value)
const isScalar: Check = (value) =>
  value === null || typeof value === 'boolean' || typeof value === 'string' || isNumber(value)

function hasFields(value: unknown, checks: Readonly<Record<string, Check>>, optional: readonly string[] = []): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const names = Object.getOwnPropertyNames(value)
  if (names.some((name) => !Object.hasOwn(checks, name))) return false
  return Object.entries(checks).every(([name, check]) =>
    names.includes(name) ? check((value as Record<string, unknown>)[name]) : optional.includes(name),
  )
}

const isFields: Check = (value) =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.getOwnPropertyNames(value).every(
    (name) => name !== '__proto__' && isScalar((value as Record<string, unknown>)[name]),
  )

/** Its fields come and go with what a cell can say of itself; of each the bounds are compared with another reader of the schema. */
const isAttestation: Check = (value) =>
  Value.Check(Attestation, value) &&
  Object.getOwnPropertyNames(value).every((name) => Object.hasOwn(Attestation.properties, name))

const EVENTS: Readonly<Record<string, { checks: Readonly<Record<string, Check>>; optional?: readonly string[] }>> = {
  attestation: { checks: { attestation: isAttestation } },
  accepted: {
    checks: {
      lookback: isIn(0, 1_000_000, true),
      symbols: isListOf(isText(64), 500),
      units: isIn(0, 500, true),
      aggregates: (value) => typeof value === 'boolean',
    },
    optional: ['aggregates'],
  },
  log: {
    checks: {
      level: isOneOf('debug', 'info', 'warn', 'error'),
      unit: isText(128),
      time: isInstant,
      text: isText(),
      fields: isFields,
    },
    optional: ['fields'],
  },
  progress: {
    checks: {
      phase: isOneOf('load', 'decide', 'execute'),
      done: isIn(0, Infinity),
      total: isIn(0, Infinity),
      barTime: isInstant,
    },
  },
  checkpoint: {
    checks: {
      unit: isIn(0, 499, true),
      part: isIn(0, 100_000, true),
      parts: isIn(1, 100_000, true),
      data: isText(61_440),
      sha256: (value) => /^[0-9a-f]{64}$/.test(String(value)) && typeof value === 'string',
    },
  },
  unready: { checks: { message: isText(8192) } },
  fatal: {
    checks: { kind: isOneOf('heap', 'bar_time', 'load_time', 'internal'), message: isText(), barTime: isInstant },
  },
}

export function isEvent(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { type } = value as { type?: unknown }
  if (typeof type !== 'string' || !Object.hasOwn(EVENTS, type)) return false
  const { checks, optional = [] } = EVENTS[type]!
  return hasFields(value, { type: isText(), ...checks }, optional)
}
