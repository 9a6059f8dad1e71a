import { PlatformError, type FieldError } from '../errors.ts'
import type { BuiltinSpec } from '../protocol/run-config.ts'
import { CATALOG, type Port } from './catalog.ts'
import type { BuiltinRule, ComponentDefaults, ParameterRule } from './parameter-rules.ts'

/** The reason why a raw component spec is refused, with its place. */
function invalid(pointer: string, message: string): PlatformError {
  const errors: FieldError[] = [{ pointer, message }]
  return new PlatformError('invalid_config', `Cannot use component at "${pointer}": ${message}`, { errors })
}

function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}

function findBuiltin(options: { port: Port; name: string; pointer: string }): BuiltinRule {
  const { port, name, pointer } = options
  const rule = CATALOG.get(port)!
  const found = rule.builtins.find((one) => one.name === name)
  if (found !== undefined) return found
  const names = rule.builtins.map((one) => one.name).join(', ')
  if (rule.later.includes(name)) throw invalid(pointer, `${port} "${name}" is not supported yet, expected ${names}`)
  throw invalid(pointer, `unknown ${port} "${name.slice(0, 64)}", expected ${names}`)
}

function checkParameter(options: { value: unknown; rule: ParameterRule; pointer: string }): number | string {
  const { value, rule, pointer } = options
  if ('problem' in rule) {
    if (typeof value !== 'string') throw invalid(pointer, `not a text, expected ${rule.form}`)
    const problem = rule.problem(value)
    if (problem !== null) throw invalid(pointer, `${problem} in ${rule.form}`)
    return value
  }
  const kind = rule.integer ? 'an integer' : 'a number'
  const low = rule.aboveMinimum ? `above ${rule.minimum}` : `from ${rule.minimum}`
  const expected = `expected ${kind} ${low} up to ${rule.maximum}`
  if (typeof value !== 'number' || value - value !== 0) throw invalid(pointer, `not a finite number, ${expected}`)
  const tooLow = rule.aboveMinimum ? value <= rule.minimum : value < rule.minimum
  if (tooLow || value > rule.maximum || (rule.integer && !Number.isInteger(value))) {
    throw invalid(pointer, `${value}, ${expected}`)
  }
  return value + 0
}

function resolveParams(options: {
  builtin: BuiltinRule
  given: ReadonlyMap<string, unknown>
  defaults: ComponentDefaults
  pointer: (name: string) => string
}): BuiltinSpec {
  const { builtin, given, defaults, pointer } = options
  for (const name of given.keys()) {
    if (builtin.params.has(name)) continue
    const known = builtin.params.size === 0 ? 'none' : [...builtin.params.keys()].join(', ')
    throw invalid(pointer(name), `unknown parameter of ${builtin.name}, expected ${known}`)
  }
  const params: Record<string, number | string> = {}
  for (const [name, rule] of builtin.params) {
    if (given.has(name)) params[name] = checkParameter({ value: given.get(name), rule, pointer: pointer(name) })
    else if (rule.default === null) throw invalid(pointer(name), `missing, ${builtin.name} needs it`)
    else params[name] = rule.default(defaults)
  }
  return { builtin: builtin.name, params }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * A component spec after defaults (SHAPES 3): null or {} -> the default; a name; a number; {builtin, params}.
 * `pointer` is the JSON pointer of `raw` in the configuration.
 * @throws `invalid_config` with the pointer of what is wrong.
 */
export function resolveComponentSpec(
  port: Port,
  raw: unknown,
  defaults: ComponentDefaults,
  pointer: string,
): BuiltinSpec {
  const rule = CATALOG.get(port)!
  const first = rule.builtins[0]!
  const below = (name: string): string => `${pointer}/params/${escapePointer(name)}`
  const none: ReadonlyMap<string, unknown> = new Map()
  if (raw === null || raw === undefined) return resolveParams({ builtin: first, given: none, defaults, pointer: below })
  if (typeof raw === 'string') {
    return resolveParams({ builtin: findBuiltin({ port, name: raw, pointer }), given: none, defaults, pointer: below })
  }
  if (typeof raw === 'number') {
    if (rule.number === null) throw invalid(pointer, `a number, expected a ${port} by name`)
    const builtin = findBuiltin({ port, name: rule.number.builtin, pointer })
    const given = new Map<string, unknown>(rule.number.params.map((name) => [name, raw]))
    return resolveParams({ builtin, given, defaults, pointer: () => pointer })
  }
  if (!isRecord(raw)) throw invalid(pointer, 'expected null, a name, a number or {"builtin", "params"}')
  return resolveObject({ port, raw, defaults, pointer })
}

function resolveObject(options: {
  port: Port
  raw: Readonly<Record<string, unknown>>
  defaults: ComponentDefaults
  pointer: string
}): BuiltinSpec {
  const { port, raw, defaults, pointer } = options
  const keys = Object.keys(raw)
  if (Object.hasOwn(raw, 'module')) {
    throw invalid(`${pointer}/module`, `a ${port} from a module is not supported yet, expected a builtin`)
  }
  for (const key of keys) {
    if (key !== 'builtin' && key !== 'params') {
      throw invalid(`${pointer}/${escapePointer(key)}`, 'unknown field, expected builtin, params')
    }
  }
  const first = CATALOG.get(port)!.builtins[0]!
  const below = (name: string): string => `${pointer}/params/${escapePointer(name)}`
  if (keys.length === 0) return resolveParams({ builtin: first, given: new Map(), defaults, pointer: below })
  const name = Object.hasOwn(raw, 'builtin') ? raw['builtin'] : undefined
  if (typeof name !== 'string') throw invalid(`${pointer}/builtin`, 'missing or not a text, expected a name')
  const builtin = findBuiltin({ port, name, pointer: `${pointer}/builtin` })
  const params = Object.hasOwn(raw, 'params') ? raw['params'] : {}
  if (!isRecord(params)) throw invalid(`${pointer}/params`, 'expected an object')
  return resolveParams({ builtin, given: new Map(Object.entries(params)), defaults, pointer: below })
}
