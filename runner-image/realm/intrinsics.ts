/**
 * Theory of operation. What a strategy's realm holds: ECMAScript without what is not deterministic, shares memory or makes
 * code of strings, every object of it frozen before the first line of user code is linked.
 *
 * Freezing makes `this.name = 'X'` on an Error or `A.prototype.toString = f` fail, because an inherited read-only property
 * cannot be shadowed by assignment (the "override mistake"). For the names that ordinary code overrides, the data property
 * becomes an accessor whose setter defines the property on the receiver.
 */
import { installMath } from './math.ts'

/** Every global of a realm; anything else that the engine brings is removed. */
export const ALLOWED_GLOBALS: readonly string[] =
  `Object Function Array Number parseFloat parseInt Infinity NaN undefined Boolean String Symbol Date Promise RegExp Error
  AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError SuppressedError globalThis JSON Math
  ArrayBuffer Uint8Array Int8Array Uint16Array Int16Array Uint32Array Int32Array BigUint64Array BigInt64Array
  Uint8ClampedArray Float16Array Float32Array Float64Array DataView Map BigInt Set Iterator WeakMap WeakSet Proxy Reflect
  decodeURI decodeURIComponent encodeURI encodeURIComponent escape unescape isFinite isNaN console DisposableStack
  AsyncDisposableStack`.split(/\s+/)

type Bag = Record<PropertyKey, unknown>

export function removeGlobals(): void {
  for (const name of Reflect.ownKeys(globalThis)) {
    if (typeof name === 'string' && ALLOWED_GLOBALS.includes(name)) continue
    if (!Reflect.deleteProperty(globalThis, name))
      throw new Error(`Cannot remove global "${String(name)}": it is not configurable`)
  }
}

/** Makes `.constructor` of functions of every kind unusable; the global Function stays for instanceof only. */
export function removeFunctionConstructors(): void {
  const samples = [function () {}, function* () {}, async function () {}, async function* () {}]
  for (const sample of samples) {
    const prototype = Object.getPrototypeOf(sample) as object
    const inert = function Function(): never {
      throw new TypeError('Code cannot be made from strings here')
    }
    Object.defineProperty(inert, 'prototype', { value: prototype, writable: false })
    Object.defineProperty(prototype, 'constructor', { value: inert, writable: false, configurable: true })
    if (prototype === Function.prototype) {
      Object.defineProperty(globalThis, 'Function', { value: inert, writable: true, configurable: true })
    }
  }
}

/** Replaces what depends on libm, on a locale or on a hidden generator. */
export function installDeterminism(random: () => number): void {
  installMath(random)
  const text = String.prototype as unknown as Bag
  text['localeCompare'] = function localeCompare(this: unknown, that: unknown) {
    const a = String(this)
    const b = String(that)
    return a < b ? -1 : a > b ? 1 : 0
  }
  text['toLocaleUpperCase'] = text['toUpperCase']
  text['toLocaleLowerCase'] = text['toLowerCase']
  const holders = [Number, BigInt, Array, Object, Object.getPrototypeOf(Uint8Array) as { prototype: object }]
  for (const holder of holders) {
    const prototype = holder.prototype as unknown as Bag
    const { toString } = prototype as { toString: unknown }
    Object.defineProperty(prototype, 'toLocaleString', {
      value: toString,
      writable: true,
      configurable: true,
      enumerable: false,
    })
  }
}

/** Objects of the language that no global leads to. */
function hiddenIntrinsics(): unknown[] {
  const iterator = { next: () => ({ done: true, value: undefined }) }
  const generators = [function* () {}, async function* () {}, async function () {}]
  const iterators = [
    [][Symbol.iterator](),
    new Map()[Symbol.iterator](),
    new Set()[Symbol.iterator](),
    ''[Symbol.iterator](),
    ''.matchAll(/x/g),
    [].values().map((x) => x),
    Iterator.from(iterator),
  ]
  const found: unknown[] = []
  for (const value of [...generators, ...iterators]) {
    for (
      let p = Object.getPrototypeOf(value) as object | null;
      p !== null;
      p = Object.getPrototypeOf(p) as object | null
    )
      found.push(p)
  }
  const stack = Object.getOwnPropertyDescriptor(new Error('x'), 'stack')
  const callee = (function (this: unknown) {
    'use strict'
    return Object.getOwnPropertyDescriptor(arguments, 'callee') // oxlint-disable-line prefer-rest-params -- the thrower of strict arguments is wanted
  })()
  return [...found, stack?.get, stack?.set, callee?.get, callee?.set]
}

/** Names that ordinary classes override by assignment. */
function overridable(): [object, readonly PropertyKey[]][] {
  const errors = [Error, AggregateError, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError]
  const common = [
    'constructor',
    'toString',
    'valueOf',
    'toLocaleString',
    'hasOwnProperty',
    'isPrototypeOf',
    'propertyIsEnumerable',
  ]
  return [
    [Object.prototype, common],
    [Function.prototype, ['constructor', 'toString', 'name']],
    ...errors.map((error): [object, PropertyKey[]] => [
      error.prototype,
      ['constructor', 'name', 'message', 'toString'],
    ]),
    ...[Array, Map, Set, Promise, Date, RegExp].map((holder): [object, PropertyKey[]] => [
      holder.prototype,
      ['constructor', 'toString'],
    ]),
  ]
}

/** Turns data properties into accessors that let a receiver shadow them by assignment. */
export function allowOverride(target: object, names: readonly PropertyKey[]): void {
  for (const name of names) {
    const descriptor = Object.getOwnPropertyDescriptor(target, name)
    if (descriptor === undefined || !('value' in descriptor) || !descriptor.configurable) continue
    const { value } = descriptor as { value: unknown }
    Object.defineProperty(target, name, {
      configurable: true,
      enumerable: descriptor.enumerable ?? false,
      get: () => value,
      set(this: unknown, replacement: unknown) {
        if (this === target || (typeof this !== 'object' && typeof this !== 'function') || this === null) {
          throw new TypeError(`Cannot assign to read only property '${String(name)}'`)
        }
        Object.defineProperty(this, name, { value: replacement, writable: true, enumerable: true, configurable: true })
      },
    })
  }
}

/** Freezes everything that user code can reach: globals, hidden intrinsics, `extra` and all behind them. */
export function freezeRealm(extra: readonly object[]): void {
  for (const [target, names] of overridable()) allowOverride(target, names)
  const seen = new Set<object>()
  const pending: object[] = []
  const visit = (value: unknown): void => {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return
    if (value === globalThis || seen.has(value)) return
    seen.add(value)
    pending.push(value)
  }
  const visitProperties = (holder: object): void => {
    visit(Object.getPrototypeOf(holder))
    for (const key of Reflect.ownKeys(holder)) {
      const descriptor = Object.getOwnPropertyDescriptor(holder, key)!
      visit(descriptor.value)
      visit(descriptor.get)
      visit(descriptor.set)
    }
  }
  visitProperties(globalThis)
  for (const value of [...hiddenIntrinsics(), ...extra]) visit(value)
  for (let i = 0; i < pending.length; i++) visitProperties(pending[i]!)
  for (const object of pending) Object.freeze(object)
  for (const key of Reflect.ownKeys(globalThis)) {
    Object.defineProperty(globalThis, key, { writable: false, configurable: false })
  }
}
