import { utf8Bytes } from '../math/utf8.ts'

/** Which of its two lines a bar is booked by (F7). */
export const FILL_POLICIES = ['worst', 'best', 'path_color', 'path_near', 'random', 'detail'] as const
export type FillPolicyName = (typeof FILL_POLICIES)[number]

/** Policy by which lines are chosen: that of the run, and `worst` where code of the user prices its fills. */
export function lineChoice(fill: FillPolicyName | object): FillPolicyName {
  return typeof fill === 'string' ? fill : 'worst'
}

/** A bar whose lines have been played, and what they are worth at its close. */
export interface PlayedBar {
  readonly symbol: number
  /** Open time, ms UTC. */
  readonly time: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  /** Worth of O-H-L-C and of O-L-H-C. */
  readonly highFirst: number
  readonly lowFirst: number
  /** Whether the symbol had lots before the path. */
  readonly hadLots: boolean
}

/** Whether O-H-L-C is booked. */
export type ChooseLine = (bar: PlayedBar) => boolean

const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193
const TWO_32 = 4_294_967_296

/** The finaliser of MurmurHash3 (A. Appleby, public domain). */
function mix(word: number): number {
  let h = word ^ (word >>> 16)
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/** FNV-1a of `seed/symbol`. */
function seedOf(seed: string, symbol: string): number {
  let h = FNV_OFFSET
  for (const byte of utf8Bytes(`${seed}/${symbol}`)) h = Math.imul(h ^ byte, FNV_PRIME)
  return h
}

/** Whether O-H-L-C is the line that is worth less; of equal lines it is that of a symbol with lots. */
export function isWorse(bar: Pick<PlayedBar, 'highFirst' | 'lowFirst' | 'hadLots'>): boolean {
  return bar.highFirst === bar.lowFirst ? bar.hadLots : bar.highFirst < bar.lowFirst
}

/** The choice of a run; `random` draws from (seed, symbol, open time) alone, so no bar depends on another. */
export function createFillPolicy(name: FillPolicyName, run: { seed: string; symbols: readonly string[] }): ChooseLine {
  if (name === 'best') {
    return (bar) => (bar.highFirst === bar.lowFirst ? bar.hadLots : bar.highFirst > bar.lowFirst)
  }
  if (name === 'path_color') return (bar) => (bar.close === bar.open ? isWorse(bar) : bar.close < bar.open)
  if (name === 'path_near') {
    return (bar) => {
      const up = bar.high - bar.open
      const down = bar.open - bar.low
      return up === down ? isWorse(bar) : up < down
    }
  }
  if (name === 'random') {
    const seeds = run.symbols.map((symbol) => seedOf(run.seed, symbol))
    return ({ symbol, time }) => mix(mix(seeds[symbol]! ^ (time % TWO_32)) ^ Math.floor(time / TWO_32)) >= 0
  }
  return isWorse
}
