/**
 * Theory of operation. JSON from users and from cells is hostile: JSON.parse recurses, keeps the last of two equal keys, and
 * turns 1e999 into Infinity. Therefore the bytes are walked once before it, without recursion: depth, counts, key sizes, duplicate and
 * `__proto__` keys and numbers outside Float64 are found here. Strings are skipped with indexOf (native speed), since a result is
 * mostly a few strings of megabytes. What this walk passes is then given to JSON.parse, which alone decides on syntax.
 * V8 14.6 may take a key of one escaped Latin-1 character for the key `\`, depending on what was parsed before. Such a key is given
 * to it without the escape; where that is not possible it is refused.
 */

export interface JsonLimits {
  readonly maxBytes: number
  readonly maxDepth: number
  /** Values of any kind and keys, together. */
  readonly maxValues: number
  readonly maxKeyBytes: number
}

export interface JsonProblem {
  /** limit: a cap was passed; syntax: not JSON; key: a duplicate or forbidden key; number: not a finite Float64. */
  readonly kind: 'limit' | 'syntax' | 'key' | 'number'
  readonly pointer: string
  readonly message: string
}

export type JsonOutcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problem: JsonProblem }

const QUOTE = 0x22
const BACKSLASH = 0x5c

interface Level {
  readonly object: boolean
  readonly keys: Set<string>
  key: string
  index: number
  expectKey: boolean
}

/** A key to be written otherwise: its bytes with the quotes. */
interface Rewrite {
  readonly from: number
  readonly to: number
  readonly key: string
}

class Stop extends Error {
  readonly problem: JsonProblem
  constructor(problem: JsonProblem) {
    super(problem.message)
    this.problem = problem
  }
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function pointerOf(levels: readonly Level[]): string {
  let text = ''
  for (const level of levels.slice(0, 16)) {
    text += `/${level.object ? level.key.replaceAll('~', '~0').replaceAll('/', '~1').slice(0, 80) : level.index}`
  }
  return text
}

/** Index of the closing quote of the string that opens at `start`, or -1. */
function endOfString(bytes: Uint8Array, start: number): number {
  let from = start + 1
  for (;;) {
    const end = bytes.indexOf(QUOTE, from)
    if (end < 0) return -1
    let slashes = 0
    while (bytes[end - 1 - slashes] === BACKSLASH && end - 1 - slashes > start) slashes += 1
    if (slashes % 2 === 0) return end
    from = end + 1
  }
}

function endOfScalar(bytes: Uint8Array, start: number): number {
  let i = start
  while (i < bytes.length) {
    const c = bytes[i]!
    // , ] } or white space ends a number or a word
    if (c === 0x2c || c === 0x5d || c === 0x7d || c <= 0x20) break
    i += 1
  }
  return i
}

/** What V8 may misread: one character up to U+00FF, written as an escape. */
function isMisread(bytes: Uint8Array, start: number, key: string): boolean {
  return key.length === 1 && bytes[start + 1] === BACKSLASH && key.charCodeAt(0) <= 0xff
}

function walk(bytes: Uint8Array, limits: JsonLimits): Rewrite[] {
  const levels: Level[] = []
  const rewrites: Rewrite[] = []
  let values = 0
  let i = 0
  const fail = (kind: JsonProblem['kind'], message: string): never => {
    throw new Stop({ kind, pointer: pointerOf(levels), message })
  }
  const countValue = (): void => {
    values += 1
    if (values > limits.maxValues) fail('limit', `has more than ${limits.maxValues} values`)
  }
  const readKey = (level: Level, start: number, end: number): void => {
    // Keys may stand without values before JSON.parse refuses them
    countValue()
    if (end - start - 1 > limits.maxKeyBytes) fail('limit', `has a key longer than ${limits.maxKeyBytes} bytes`)
    let key = ''
    try {
      key = String(JSON.parse(decoder.decode(bytes.subarray(start, end + 1))))
    } catch {
      fail('syntax', `has a key that is not a JSON string at byte ${start}`)
    }
    level.key = key
    if (key === '__proto__') fail('key', 'has the forbidden key __proto__')
    if (level.keys.has(key)) fail('key', 'stands twice')
    level.keys.add(key)
    if (isMisread(bytes, start, key)) {
      if (key < ' ' || key === '"' || key === '\\') fail('key', 'is one character that only an escape can write')
      rewrites.push({ from: start, to: end + 1, key })
    }
    level.expectKey = false
  }
  while (i < bytes.length) {
    const c = bytes[i]!
    const top = levels[levels.length - 1]
    if (c <= 0x20 || c === 0x3a) {
      i += 1
    } else if (c === 0x7b || c === 0x5b) {
      countValue()
      levels.push({ object: c === 0x7b, keys: new Set(), key: '', index: 0, expectKey: c === 0x7b })
      if (levels.length > limits.maxDepth) fail('limit', `is nested deeper than ${limits.maxDepth}`)
      i += 1
    } else if (c === 0x7d || c === 0x5d) {
      if (top === undefined) fail('syntax', `closes what was not open at byte ${i}`)
      levels.pop()
      i += 1
    } else if (c === 0x2c) {
      if (top !== undefined) {
        top.index += 1
        top.expectKey = top.object
      }
      i += 1
    } else if (c === QUOTE) {
      const end = endOfString(bytes, i)
      if (end < 0) fail('syntax', `has a string without end at byte ${i}`)
      if (top !== undefined && top.object && top.expectKey) readKey(top, i, end)
      else countValue()
      i = end + 1
    } else {
      countValue()
      const end = endOfScalar(bytes, i)
      if (end === i || end - i > 400) fail('syntax', `has an unknown word at byte ${i}`)
      const isNumber = c === 0x2d || (c >= 0x30 && c <= 0x39)
      if (isNumber && !Number.isFinite(Number(decoder.decode(bytes.subarray(i, end)))))
        fail('number', 'is not a finite number')
      i = end
    }
  }
  return rewrites
}

function rewriteKeys(bytes: Uint8Array, rewrites: readonly Rewrite[]): Uint8Array {
  const result = new Uint8Array(bytes.length)
  let read = 0
  let written = 0
  const write = (part: Uint8Array): void => {
    result.set(part, written)
    written += part.length
  }
  for (const { from, to, key } of rewrites) {
    write(bytes.subarray(read, from))
    write(encoder.encode(`"${key}"`))
    read = to
  }
  write(bytes.subarray(read))
  return result.subarray(0, written)
}

/** Parses JSON of a stranger. Never throws; problems carry the JSON pointer of the place. */
export function parseStrictJson(bytes: Uint8Array, limits: JsonLimits): JsonOutcome {
  if (bytes.length > limits.maxBytes) {
    return {
      ok: false,
      problem: {
        kind: 'limit',
        pointer: '',
        message: `is ${bytes.length} bytes long, at most ${limits.maxBytes} are allowed`,
      },
    }
  }
  try {
    const rewrites = walk(bytes, limits)
    const text = decoder.decode(rewrites.length === 0 ? bytes : rewriteKeys(bytes, rewrites))
    return { ok: true, value: JSON.parse(text) as unknown }
  } catch (error) {
    if (error instanceof Stop) return { ok: false, problem: error.problem }
    const message = error instanceof Error ? error.message : String(error)
    return { ok: false, problem: { kind: 'syntax', pointer: '', message: `is not JSON: ${message.slice(0, 200)}` } }
  }
}
