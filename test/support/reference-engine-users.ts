import { heldQuantity, knobsOf, opens, quantityOf } from './reference-engine-rules.ts'
import type { Decided, ReferenceBar, Run } from './reference-engine-types.ts'

/** What a capacity or risk policy says. */
export type Admission = true | { admit: false; reason: string }

/** Policies by code of the user, each with the arguments that docs/policies.md tells. */
export interface ReferenceUsers {
  exitResolver?: (fn: string, args: Record<string, number>, bar: object, worth: Record<string, number>) => string
  leg?: (fn: string, args: Record<string, number>, view: { bar: ReferenceBar }, lot: object | null) => number | boolean
  sizing?: (meta: object, action: string, view: object) => number
  capacity?: (proposal: object, time: number, view: object) => Admission
  risk?: (proposal: object, quantity: number, view: object) => Admission
  fee?: (event: ReferenceFeeEvent) => number
  fill?: (
    order: {
      side: 'buy' | 'sell'
      kind: string
      type: string
      quantity: number
      gross: number
      price: number
      limit?: number
      liquidity: string
    } & { symbol: string },
    bar: ReferenceBar,
    view: object,
  ) => ReferencePart[]
  executor?: (name: string, order: ReferenceExecuted, bar: ReferenceBar, view: object) => ReferencePart[]
  slippage?: (order: { symbol: string; side: string; quantity: number }, bar: ReferenceBar, gross: number) => number
}

interface ReferencePart {
  quantity: number
  price: number
}

/** An order as its executor is told it. */
interface ReferenceExecuted {
  id: number
  symbol: string
  side: 'buy' | 'sell'
  type: string
  /** Time of its admission. */
  placed: number
  size: number
  left: number
  quantity: number
  entryPrice?: number
}

export interface ReferenceFeeEvent {
  symbol: string
  side: 'buy' | 'sell'
  kind: 'estimate' | 'entry' | 'exit'
  quantity: number
  price: number
  notional: number
  liquidity: 'maker' | 'taker'
}

const META = ['entryPrice', 'slPrice', 'slPct', 'trailDistance', 'trailPct', 'confidence'] as const
const PROPOSAL = ['size', 'tpPrice', 'tpPct', ...META] as const

/** What sizing is told of a decision. */
export function metaOf(run: Run, decided: Decided, names: readonly (typeof PROPOSAL)[number][] = META): object {
  const { row, close } = decided
  const meta: Record<string, unknown> = { symbol: run.input.config.symbols[row.symbol], side: opens(decided), close }
  for (const name of names) if (row[name] !== undefined) meta[name] = row[name]
  return meta
}

/** What capacity and risk are told of it. */
export function proposalOf(run: Run, decided: Decided): object {
  return metaOf(run, decided, PROPOSAL)
}

/** The account at tau(k). */
export function viewOf({ input, book }: Run, equity: number, k: number): object {
  const { symbols } = input.config
  const held = symbols.map((_, symbol) => book.lots.filter((lot) => lot.symbol === symbol))
  const sizeOf = (symbol: number, units: number): number => quantityOf(knobsOf(input, symbol), units)
  return {
    time: input.opens[k],
    cash: book.cash,
    equity,
    positions: held.flatMap((lots, symbol) =>
      lots.length === 0
        ? []
        : [{ symbol: symbols[symbol], side: lots[0]!.side, quantity: heldQuantity(input, book.lots, symbol) }],
    ),
    lots: held.flat().map(({ id, symbol, side, units, entry }) => {
      return { id, symbol: symbols[symbol], side, quantity: sizeOf(symbol, units), entry }
    }),
    orders: book.entries.map(({ id, symbol, units, decided: by }) => {
      return { id, symbol: symbols[symbol], side: opens(by), quantity: sizeOf(symbol, units) }
    }),
  }
}
