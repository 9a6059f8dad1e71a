import fc from 'fast-check'
import { describe, it } from 'vitest'
import { type JsonLimits, parseStrictJson } from '../../../src/protocol/strict-json.ts'

const LIMITS: JsonLimits = { maxBytes: 1_000_000, maxDepth: 64, maxValues: 10_000, maxKeyBytes: 1000 }
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

function hasForbiddenKey(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasForbiddenKey)
  if (typeof value !== 'object' || value === null) return false
  return Object.hasOwn(value, '__proto__') || Object.values(value).some(hasForbiddenKey)
}

/** A key that JSON can write with an escape only; those of one character are refused. */
function hasEscapedKey(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasEscapedKey)
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([key, inner]) => /^["\\\u0000-\u001f]$/.test(key) || hasEscapedKey(inner)) // oxlint-disable-line no-control-regex -- they are the keys
}

describe('parseStrictJson()', () => {
  it('gives what JSON.parse gives for every JSON value', ({ expect }) => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.boolean(), (value, indent) => {
        fc.pre(!hasForbiddenKey(value) && !hasEscapedKey(value))

        const outcome = parseStrictJson(bytes(JSON.stringify(value, null, indent ? 2 : undefined)), LIMITS)

        expect(outcome).toEqual({ ok: true, value: JSON.parse(JSON.stringify(value)) })
      }),
      { numRuns: 500, seed: 1 },
    )
  })

  it('refuses exactly the texts that JSON.parse refuses, never throwing, for mutated JSON', ({ expect }) => {
    fc.assert(
      fc.property(
        fc.json(),
        fc.nat(),
        fc.constantFrom('{', '}', '[', ']', '"', ',', ':', '\\', '0', 'e', ' '),
        (text, at, char) => {
          const index = at % (text.length + 1)
          const mutated = text.slice(0, index) + char + text.slice(index + 1)

          const outcome = parseStrictJson(bytes(mutated), LIMITS)

          let valid = true
          try {
            JSON.parse(mutated)
          } catch {
            valid = false
          }
          if (!valid) expect(outcome.ok).toBe(false)
          if (valid && !outcome.ok) expect(['key', 'number']).toContain(outcome.problem.kind)
        },
      ),
      { numRuns: 2000, seed: 2 },
    )
  })

  const refused: [string, string, string, string][] = [
    ['a duplicate key', '{"a":{"b":1,"b":2}}', 'key', '/a/b'],
    ['a duplicate key written with an escape', '{"b":1,"\\u0062":2}', 'key', '/b'],
    ['__proto__', '{"a":[{"__proto__":1}]}', 'key', '/a/0/__proto__'],
    ['a number beyond Float64', '{"a":1e999}', 'number', '/a'],
    ['NaN', '{"a":NaN}', 'syntax', ''],
    ['too deep a nesting', '['.repeat(65) + ']'.repeat(65), 'limit', '/0'],
    ['a million open brackets', '['.repeat(900_000), 'limit', '/0'],
    ['too many values', `[${'0,'.repeat(10_000)}0]`, 'limit', '/'],
    ['too many keys without values', `{${Array.from({ length: 10_001 }, (_, i) => `"${i}"`).join(',')}}`, 'limit', ''],
    ['too long a key', `{"${'k'.repeat(1001)}":1}`, 'limit', ''],
    ['an unfinished string', '{"a":"b', 'syntax', ''],
    ['nothing', '', 'syntax', ''],
    ['two documents', '{} {}', 'syntax', ''],
    ['a trailing comma', '[1,]', 'syntax', ''],
  ]
  for (const [what, text, kind, pointer] of refused) {
    it(`refuses ${what}`, ({ expect }) => {
      const outcome = parseStrictJson(bytes(text), LIMITS)

      expect(outcome.ok).toBe(false)
      if (outcome.ok) return
      expect(outcome.problem.kind).toBe(kind)
      expect(outcome.problem.pointer.startsWith(pointer)).toBe(true)
    })
  }

  it('reads keys of one escaped character whatever was parsed before, or refuses them', ({ expect }) => {
    // V8 may take the second key of the later ones for this one
    JSON.parse('{"b":1,"\\\\":1}')

    expect(parseStrictJson(bytes('{"b":1,"\\u00b5":2}'), LIMITS)).toEqual({ ok: true, value: { b: 1, µ: 2 } })
    expect(parseStrictJson(bytes('{"\\u0041":{"\\/":1},"\\u4e2d":[{"\\u00e4":"\\u00e4"}]}'), LIMITS)).toEqual({
      ok: true,
      value: { A: { '/': 1 }, 中: [{ ä: 'ä' }] },
    })
    for (const key of ['\\"', '\\\\', '\\r', '\\u0000'])
      expect(parseStrictJson(bytes(`{"b":1,"${key}":2}`), LIMITS)).toMatchObject({
        ok: false,
        problem: { kind: 'key' },
      })
  })

  it('refuses more bytes than allowed before looking at them', ({ expect }) => {
    const outcome = parseStrictJson(new Uint8Array(1_000_001), LIMITS)

    expect(outcome).toMatchObject({ ok: false, problem: { kind: 'limit' } })
  })

  it('refuses bytes that are not UTF-8', ({ expect }) => {
    const outcome = parseStrictJson(Uint8Array.of(0x22, 0xff, 0x22), LIMITS)

    expect(outcome.ok).toBe(false)
  })
})
