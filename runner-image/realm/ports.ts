/**
 * Theory of operation. Ports of phase 2 that user code answers (user-port.ts): each is bound once to a function, a method of
 * an instance or, for functions in legs, the static methods of a class. Arguments are made here out of text and frozen, so
 * nothing that user code keeps of them leads anywhere; what it answers is read once, field by field, into plain data.
 */
import { PORT_METHODS, type PortBinding } from '../../src/backtest/port-bindings.ts'
import { describeValue, fail } from '../../src/strategies/failures.ts'
import type { FlatJson } from '../../src/protocol/run-config.ts'
import { currentTime } from './clock.ts'
import { describeThrown } from './failures.ts'

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown

interface Bound {
  /** For messages. */
  readonly label: string
  readonly call: (args: readonly unknown[]) => unknown
}

export interface Ports {
  /** A number, or 'v' and JSON of the answer, or 'e' and JSON of the failure. */
  ask(port: string, args: string): string | number
}

const MAX_DEPTH = 8
const MAX_NODES = 4096
const MAX_TEXT = 16_384

export function openPorts(
  bindings: readonly PortBinding[],
  moduleOf: (path: string) => Readonly<Record<string, unknown>>,
): Ports {
  const bound = new Map<string, Bound>()
  const named = new Set<string>()
  for (const binding of bindings) {
    if (binding.name !== undefined) named.add(binding.port)
    bound.set(keyOf(binding.port, binding.name), bind(binding, moduleOf(binding.module)))
  }
  return {
    ask(port, text) {
      let label = port
      try {
        const args = deepFreeze(JSON.parse(text)) as readonly unknown[]
        const found = named.has(port)
          ? { ...bound.get(keyOf(port, args[0] as string))!, args: args.slice(1) }
          : { ...bound.get(port)!, args }
        ;({ label } = found)
        const answer = readPlain(found.call(found.args), label)
        return typeof answer === 'number' ? answer : `v${JSON.stringify(answer)}`
      } catch (error) {
        return `e${JSON.stringify(describeThrown(error, label, currentTime()))}`
      }
    },
  }
}

function keyOf(port: string, name: string | undefined): string {
  return name === undefined ? port : `${port}/${name}`
}

function bind(binding: PortBinding, exported: Readonly<Record<string, unknown>>): Bound {
  const name = binding.class ?? binding.function ?? 'default'
  const found = Object.hasOwn(exported, name) ? exported[name] : undefined
  const where = `"${name}" of ${binding.module}`
  if (typeof found !== 'function') fail('bad_answer', `The ${binding.port} ${where} is ${describeValue(found)}`)
  if (binding.function !== undefined) {
    return { label: binding.function, call: (args) => Reflect.apply(found as AnyFunction, undefined, args) }
  }
  const method = PORT_METHODS[binding.port]
  if (method === null) return bindStatics(binding.port, found, where)
  const params = Object.freeze({ ...binding.params }) as FlatJson
  const instance: unknown = Reflect.construct(found, [params])
  const answer: unknown = (instance as Record<string, unknown>)[method]
  if (typeof answer !== 'function') {
    fail('bad_answer', `The ${binding.port} ${where} has no method ${method}: it is ${describeValue(answer)}`)
  }
  return { label: `${name}.${method}`, call: (args) => Reflect.apply(answer as AnyFunction, instance, args) }
}

/** The first argument names a static method. */
function bindStatics(port: string, owner: unknown, where: string): Bound {
  return {
    label: port,
    call([method, ...args]) {
      const found = Object.hasOwn(owner as object, method as string)
        ? (owner as Record<string, unknown>)[method as string]
        : undefined
      if (typeof found !== 'function')
        fail('bad_answer', `The class ${where} has no static method ${describeValue(method)}`)
      return Reflect.apply(found as AnyFunction, owner, args)
    },
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) deepFreeze(member)
    Object.freeze(value)
  }
  return value
}

/** A copy of an answer that holds nothing of user code. Fails with bad_answer. */
export function readPlain(answer: unknown, label: string): unknown {
  let nodes = 0
  const read = (value: unknown, depth: number): unknown => {
    nodes += 1
    if (nodes > MAX_NODES || depth > MAX_DEPTH) fail('bad_answer', `${label} answered with too large a structure`)
    if (value === null || typeof value === 'boolean') return value
    if (typeof value === 'number') {
      // An answer that is one number is measured by who asked
      if (depth > 0 && value - value !== 0) {
        fail('policy_out_of_bounds', `${label} answered with ${value}, expected finite numbers`)
      }
      return value + 0
    }
    if (typeof value === 'string') {
      if (value.length > MAX_TEXT) fail('bad_answer', `${label} answered with a text of ${value.length} characters`)
      return value
    }
    if (typeof value !== 'object') fail('bad_answer', `${label} answered ${describeValue(value)}, expected plain data`)
    if (value instanceof Promise) fail('bad_answer', `${label} answered a promise; it must answer synchronously`)
    if (Array.isArray(value)) return readList(value, depth)
    const copy = { __proto__: null } as unknown as Record<string, unknown>
    for (const key of Object.keys(value)) {
      const member = (value as Record<string, unknown>)[key]
      if (member !== undefined) copy[key] = read(member, depth + 1)
    }
    return copy
  }
  const readList = (list: readonly unknown[], depth: number): unknown[] => {
    const { length }: { length: unknown } = list
    if (typeof length !== 'number' || !(length <= MAX_NODES))
      fail('bad_answer', `${label} answered with too long a list`)
    const copy: unknown[] = []
    for (let i = 0; i < length; i++) copy.push(read(list[i], depth + 1))
    return copy
  }
  return read(answer, 0)
}
