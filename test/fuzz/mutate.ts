import { createRandom, type Random } from '../support/random.ts'

/** Lengths at which parsers are wrong by one. */
export const EDGE_LENGTHS = [0, 1, 7, 8, 9, 15, 16, 17, 63, 64, 65, 255, 256, 257] as const

export const TRICKY_TEXTS = [
  '',
  'a',
  '__proto__',
  'constructor',
  'ä',
  '\u0000',
  '\u2028',
  '\ufeff',
  '\ud800',
  '😀',
  `e${'\u0301'.repeat(70)}`,
  'x'.repeat(65),
  '\\',
  '"',
  '{"type":"fatal"}',
  '\u001b[31m',
] as const

export const TRICKY_NUMBERS = [
  '0',
  '-0',
  '1',
  '-1',
  '1e999',
  '-1e999',
  '1e-999',
  '1.5',
  '9007199254740993',
  '01',
  '+1',
  'NaN',
  'Infinity',
  '1.',
  '.5',
  '1e',
  '0x10',
  '2147483649',
  '4294967296',
  '8.64e15',
  '8640000000000001',
] as const

export function randomBytes(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random.int(0, 255))
}

const encoder = new TextEncoder()
/** What breaks text, JSON or UTF-8 where it is put. */
const SNIPPETS = [
  ...[
    '{',
    '}',
    '[',
    ']',
    '"',
    ',',
    ':',
    '\\',
    '\n',
    '\r',
    ' ',
    '0',
    '-',
    'e',
    'null',
    '"__proto__":1,',
    '"v":1,',
    '\\u0000',
  ].map((text) => encoder.encode(text)),
  Uint8Array.of(0),
  Uint8Array.of(0xff),
  Uint8Array.of(0xc0, 0x80),
  Uint8Array.of(0xed, 0xa0, 0x80),
  Uint8Array.of(0xef, 0xbb, 0xbf),
  Uint8Array.of(0xf0, 0x9f),
]

function splice(bytes: Uint8Array, options: { at: number; remove: number; insert: Uint8Array }): Uint8Array {
  const { at, remove, insert } = options
  const result = new Uint8Array(Math.max(0, bytes.length - remove) + insert.length)
  result.set(bytes.subarray(0, at))
  result.set(insert, at)
  result.set(bytes.subarray(at + remove), at + insert.length)
  return result
}

/** One change of the bytes that knows nothing of their form: flipped, cut, doubled, moved, or a snippet put in. */
export function mutateBytes(random: Random, bytes: Uint8Array): Uint8Array {
  const at = random.int(0, bytes.length)
  const length = Math.min(random.pick(EDGE_LENGTHS), bytes.length - at)
  const none = new Uint8Array(0)
  const part = bytes.slice(at, at + length)
  switch (random.int(0, 6)) {
    case 0:
      return bytes.slice(0, at)
    case 1:
      return splice(bytes, { at, remove: length, insert: none })
    case 2:
      return splice(bytes, { at, remove: 0, insert: part })
    case 3: {
      const rest = splice(bytes, { at, remove: length, insert: none })
      return splice(rest, { at: random.int(0, rest.length), remove: 0, insert: part })
    }
    case 4:
      return splice(bytes, { at, remove: random.chance(0.5) ? Math.min(1, length) : 0, insert: random.pick(SNIPPETS) })
    case 5:
      return splice(bytes, { at, remove: length, insert: randomBytes(random, length) })
    default: {
      const changed = bytes.slice()
      if (changed.length > 0) changed[at % changed.length]! ^= 1 << random.int(0, 7)
      return changed
    }
  }
}

/** Changes nothing in most cases, or up to `most` places. */
export function maybeMutate(random: Random, bytes: Uint8Array, most = 4): Uint8Array {
  if (random.chance(0.4)) return bytes
  let changed = bytes
  for (let i = random.int(1, most); i > 0; i -= 1) changed = mutateBytes(random, changed)
  return changed
}

/** The same bytes in several ways: whole, one by one where they are few, in pieces of random length. */
export function chunkings(bytes: Uint8Array, seed: number): Uint8Array[][] {
  const random = createRandom(seed)
  const most = random.pick([1, 3, 8, 17, 100, 5000])
  const pieces: Uint8Array[] = []
  for (let at = 0; at < bytes.length;) {
    const length = random.int(random.chance(0.05) ? 0 : 1, Math.max(most, Math.ceil(bytes.length / 500)))
    pieces.push(bytes.subarray(at, at + length))
    at += length
  }
  const single = bytes.length > 2000 ? [] : [Array.from(bytes, (_, at) => bytes.subarray(at, at + 1))]
  return [[bytes], pieces, ...single]
}
