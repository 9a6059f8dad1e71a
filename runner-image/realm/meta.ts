import { describeValue } from '../../src/strategies/failures.ts'

const MAX_META = 1024
const MAX_KEYS = 256

/** Canonical JSON (keys by code units) of a decision's flat `meta`, each field read once. */
export function canonicalMeta(meta: unknown, bad: (problem: string) => never): string {
  if (typeof meta !== 'object' || meta === null || Array.isArray(meta)) {
    bad(`meta is ${describeValue(meta)}, expected a flat object`)
  }
  const values = new Map<string, unknown>()
  for (const key in meta) {
    if (values.size === MAX_KEYS) bad(`meta has more than ${MAX_KEYS} fields`)
    const value = (meta as Record<string, unknown>)[key]
    if (value === undefined) continue
    const flat = value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)
    if (!flat)
      bad(`meta field ${describeValue(key)} is ${describeValue(value)}, expected a string, number, boolean or null`)
    values.set(key, value)
  }
  const members = [...values.keys()].sort().map((key) => `${JSON.stringify(key)}:${JSON.stringify(values.get(key))}`)
  const json = `{${members.join(',')}}`
  if (json.length > MAX_META) bad(`meta is ${json.length} characters of JSON, at most ${MAX_META} are allowed`)
  return json
}
