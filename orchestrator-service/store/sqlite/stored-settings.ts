/**
 * Theory of operation. A stored request is never rewritten: its bytes are what was submitted, after the defaults of that
 * release. Settings that came later are put in when it is read, each with the value that says what was done before there
 * was a choice, so that the job still means the same. A step is one change of the form, newest last; its settings are in a
 * request all or not at all, and with them those of every step before. Anything else is damage, which the strict check
 * behind this finds. A setting that may be left out needs no step.
 */
export type StoredPart = 'config' | 'options'

interface Step {
  readonly part: StoredPart
  /** Section of the part; '': the part itself. */
  readonly section: string
  readonly settings: Readonly<Record<string, unknown>>
}

const STEPS: readonly Step[] = [
  {
    part: 'config',
    section: 'execution',
    settings: { bracketFrom: 'line', restingLimit: 'limit', quantity: 'steps' },
  },
  { part: 'options', section: '', settings: { cache: false } },
  { part: 'config', section: 'execution', settings: { cashCheck: 'admit' } },
]

type Json = Record<string, unknown>

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A stored part with the settings that came after it; what is no request at all comes back as it is. */
export function addLaterSettings(part: StoredPart, value: unknown): unknown {
  let filled = value
  let mayLack = true
  for (const step of STEPS.filter((one) => one.part === part).toReversed()) {
    const { section, settings } = step
    const inner = isObject(filled) ? (section === '' ? filled : filled[section]) : null
    if (!isObject(filled) || !isObject(inner)) return value
    const lacking = Object.keys(settings).filter((name) => !Object.hasOwn(inner, name))
    mayLack &&= lacking.length === Object.keys(settings).length
    if (lacking.length === 0) continue
    if (!mayLack) return value
    const next: Json = { ...inner, ...settings }
    filled = section === '' ? next : { ...filled, [section]: next }
  }
  return filled
}
