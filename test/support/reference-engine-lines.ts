import { positionOf, unrealised } from './reference-engine-perp.ts'
import { heldQuantity } from './reference-engine-rules.ts'
import type { Book, ReferenceConfig, Decided, ReferenceBar, ReferenceInput, Run } from './reference-engine-types.ts'

interface Lines {
  symbol: number
  bar: ReferenceBar
  /** Worth of both lines. */
  high: number
  low: number
  held: boolean
}

/** F7: the policy that all who are concerned want; where they differ, worst. */
export function policyOf(input: ReferenceInput, concerned: Decided[]): ReferenceConfig['fill'] {
  const wanted = new Set(concerned.map(({ row }) => row.crossingPolicy ?? input.config.fill))
  if (wanted.size > 1) input.onBranch?.('crossing policies differ')
  return wanted.size > 1 ? 'worst' : ([...wanted][0] ?? input.config.fill)
}

/** F7: which extreme the booked line meets first. */
export function firstExtreme(
  input: ReferenceInput,
  fill: ReferenceConfig['fill'],
  { symbol, bar, high, low, held }: Lines,
): 'high' | 'low' {
  const { seed, symbols } = input.config
  let worst: 'high' | 'low' = held ? 'high' : 'low'
  if (high < low) worst = 'high'
  if (low < high) worst = 'low'
  if (fill === 'best') {
    if (high === low) return worst
    return worst === 'high' ? 'low' : 'high'
  }
  if (fill === 'path_color') {
    if (bar.close > bar.open) return 'low'
    return bar.close < bar.open ? 'high' : worst
  }
  if (fill === 'path_near') {
    const [up, down] = [bar.high - bar.open, bar.open - bar.low]
    if (up < down) return 'high'
    return up > down ? 'low' : worst
  }
  return fill === 'random' ? draw(`${seed}/${symbols[symbol]}`, bar.time) : worst
}

/** The draw of `random`, over whole numbers below 2^32. */
function draw(name: string, time: number): 'high' | 'low' {
  const word = 2n ** 32n
  let h = 0x811c9dc5n
  for (const byte of new TextEncoder().encode(name)) h = ((h ^ BigInt(byte)) * 0x01000193n) % word
  const mix = (x: bigint): bigint => {
    let y = x ^ (x >> 16n)
    y = (y * 0x85ebca6bn) % word
    y = ((y ^ (y >> 13n)) * 0xc2b2ae35n) % word
    return y ^ (y >> 16n)
  }
  h = mix(h ^ (BigInt(time) % word))
  h = mix(h ^ (BigInt(time) / word))
  return h < word / 2n ? 'high' : 'low'
}

/** What the line is worth at the close: spot, cash change and holdings; perpetuals, what it booked and is unrealised. */
export function worthOf(
  input: ReferenceInput,
  line: { before: Book; book: Book; symbol: number; close: number },
): number {
  const { before, book, symbol, close } = line
  if (input.config.perpetual === undefined) {
    return book.cash - before.cash + heldQuantity(input, book.lots, symbol) * close
  }
  const position = positionOf(input, book, symbol)
  return position === null ? book.gain : book.gain + unrealised(position, close)
}

/** A bar of which a line is booked. */
export interface PlayedBar {
  symbol: number
  bar: ReferenceBar
  k: number
  /** Whose wishes count: the lots, without lots the entries. */
  concerned: Decided[]
  policy: ReferenceConfig['fill']
}

/** F7: the line that the one resolver of all concerned picks; null: there is none, or nothing to pick. */
export function pickedLine(
  run: Run,
  { symbol, bar, concerned, high, low }: Omit<PlayedBar, 'k' | 'policy'> & { high: number; low: number },
): string | null {
  const text = concerned[0]?.row.exitResolver
  if (text === undefined || concerned.some(({ row }) => row.exitResolver !== text)) return null
  if (Math.abs(high - low) <= 1e-12 * Math.max(1, Math.abs(high), Math.abs(low))) return null
  const { fn, args } = JSON.parse(text) as { fn: string; args: Record<string, number> }
  const told = { symbol: run.input.config.symbols[symbol], ...bar }
  return run.input.users!.exitResolver!(fn, args, told, { 'O-H-L-C': high, 'O-L-H-C': low })
}
