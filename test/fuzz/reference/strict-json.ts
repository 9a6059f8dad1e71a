import type { JsonLimits } from '../../../src/protocol/strict-json.ts'

/**
 * JSON as RFC 8259 has it, by recursive descent over the text, and the product's rules on top: no key twice, no `__proto__`,
 * finite numbers, depth, count and key length within limits. Slow and plain.
 */
export function parseNaively(bytes: Uint8Array, limits: JsonLimits): { ok: true; value: unknown } | { ok: false } {
  try {
    if (bytes.length > limits.maxBytes) return { ok: false }
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return { ok: true, value: new Reader(text, limits).readAll() }
  } catch {
    return { ok: false }
  }
}

const WHITE = /[ \t\n\r]*/y
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
// oxlint-disable-next-line no-control-regex -- control characters may not stand in a JSON string
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }
const WORDS = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
])

class Reader {
  readonly #text: string
  readonly #limits: JsonLimits
  #at = 0
  #values = 0

  constructor(text: string, limits: JsonLimits) {
    this.#text = text
    this.#limits = limits
  }

  readAll(): unknown {
    const value = this.#value(1)
    this.#match(WHITE)
    if (this.#at !== this.#text.length) throw new Error('more text')
    return value
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)
    if (found === null) return null
    this.#at = pattern.lastIndex
    return found[0]
  }

  #take(character: string): boolean {
    this.#match(WHITE)
    if (this.#text[this.#at] !== character) return false
    this.#at += 1
    return true
  }

  #count(): void {
    this.#values += 1
    if (this.#values > this.#limits.maxValues) throw new Error('too many')
  }

  #value(depth: number): unknown {
    this.#count()
    if (this.#take('{')) return this.#object(depth)
    if (this.#take('[')) return this.#array(depth)
    const text = this.#string()
    if (text !== null) return text
    const number = this.#match(NUMBER)
    if (number !== null && number !== '') {
      const value = Number(number)
      if (!Number.isFinite(value)) throw new Error('infinite')
      return value
    }
    for (const [word, value] of WORDS) {
      if (!this.#text.startsWith(word, this.#at)) continue
      this.#at += word.length
      return value
    }
    throw new Error('no value')
  }

  #string(): string | null {
    const raw = this.#match(STRING)
    if (raw === null) return null
    return raw
      .slice(1, -1)
      .replaceAll(/\\(?:u([0-9a-fA-F]{4})|(.))/g, (_all, code: string | undefined, one: string) =>
        code === undefined ? (ESCAPES[one] ?? one) : String.fromCharCode(Number.parseInt(code, 16)),
      )
  }

  #object(depth: number): unknown {
    if (depth > this.#limits.maxDepth) throw new Error('too deep')
    const entries = new Map<string, unknown>()
    if (this.#take('}')) return {}
    do {
      this.#match(WHITE)
      const from = this.#at
      const key = this.#string()
      if (key === null) throw new Error('no key')
      this.#count()
      const length = new TextEncoder().encode(this.#text.slice(from + 1, this.#at - 1)).length
      if (length > this.#limits.maxKeyBytes || key === '__proto__' || entries.has(key)) throw new Error('bad key')
      if (key.length === 1 && (key < ' ' || key === '"' || key === '\\')) throw new Error('only an escape can write it')
      if (!this.#take(':')) throw new Error('no colon')
      entries.set(key, this.#value(depth + 1))
    } while (this.#take(','))
    if (!this.#take('}')) throw new Error('no end')
    return Object.fromEntries(entries)
  }

  #array(depth: number): unknown {
    if (depth > this.#limits.maxDepth) throw new Error('too deep')
    const items: unknown[] = []
    if (this.#take(']')) return items
    do items.push(this.#value(depth + 1))
    while (this.#take(','))
    if (!this.#take(']')) throw new Error('no end')
    return items
  }
}
