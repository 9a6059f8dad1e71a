import { endLegs } from './reference-engine-legs.ts'
import { cancelEntry } from './reference-engine-cancel.ts'
import { cancelResting } from './reference-engine-ends.ts'
import { bankruptcyPrice, isIsolated, positionOf, realisedOf, type Position } from './reference-engine-perp.ts'
import { knobsOf, note, quantityOf } from './reference-engine-rules.ts'
import type { Book, Lot, ReferenceBar, ReferenceInput, ReferenceTier, Run } from './reference-engine-types.ts'

/** cum of every tier. */
function cumulated(tiers: ReferenceTier[]): number[] {
  const cums = [0]
  for (let n = 1; n < tiers.length; n++) {
    cums.push(tiers[n]!.floor * (tiers[n]!.mmr - tiers[n - 1]!.mmr) + cums[n - 1]!)
  }
  return cums
}

/** Number of the tier of a notional: floor exclusive, cap inclusive; more than all caps: the last. */
export function tierOf(tiers: ReferenceTier[], notional: number): number {
  const n = tiers.findIndex(({ cap }) => cap === null || notional <= cap)
  return n === -1 ? tiers.length - 1 : n
}

export function maintenance(tiers: ReferenceTier[], notional: number): number {
  const n = tierOf(tiers, notional)
  return notional * tiers[n]!.mmr - cumulated(tiers)[n]!
}

/** L2: every tier is tried, the lowest that holds its own price is the one. null: no liquidation price. */
export function liquidationPrice(position: Position, wallet: number, tiers: ReferenceTier[]): number | null {
  const { quantity: q, entry } = position
  const s = position.side === 'long' ? 1 : -1
  const cums = cumulated(tiers)
  const prices = tiers.map(({ mmr }, n) => (wallet + cums[n]! - s * q * entry) / (q * mmr - s * q))
  const named = prices.map((price) => tierOf(tiers, q * price))
  let n = named.findIndex((tier, index) => tier === index)
  if (n === -1) n = named.findIndex((tier, index) => tier > index && named[index + 1]! <= index)
  return prices[n]! > 0 ? prices[n]! : null
}

export function tiersOf(input: ReferenceInput, symbol: number): ReferenceTier[] {
  return input.tiers![symbol]!
}

/** Liquidation price of the isolated position of a symbol as it is now. */
export function liquidationOf(input: ReferenceInput, book: Book, symbol: number): number | null {
  const position = positionOf(input, book, symbol)
  if (position === null || !isIsolated(input)) return null
  return liquidationPrice(position, book.wallets.get(symbol)!, tiersOf(input, symbol))
}

/** The mark prices of the bar of slot k: its mark candles if they cover it, else the bar itself. */
export function markBar(input: ReferenceInput, symbol: number, bar: ReferenceBar, k: number): ReferenceBar {
  const rows = input.marks?.[symbol] ?? null
  if (rows === null || input.config.perpetual!.mark === 'last') return bar
  const start = bar.time
  const end = start + (input.opens[k + 1]! - input.opens[k]!)
  const inside = rows.filter(({ time }) => time >= start && time < end)
  if (inside.length !== (end - start) / input.markMs!) return bar
  input.onBranch?.('mark candles')
  return {
    time: start,
    open: inside[0]!.open,
    high: Math.max(...inside.map(({ high }) => high)),
    low: Math.min(...inside.map(({ low }) => low)),
    close: inside.at(-1)!.close,
    volume: 0,
  }
}

/** Step 4: positions that the mark has reached when the bar begins. */
export function liquidateAtOpens(run: Run, k: number): void {
  const { input } = run
  for (let symbol = 0; symbol < input.bars.length; symbol++) {
    const bar = run.liveBar(symbol, k)
    const position = positionOf(input, run.book, symbol)
    const level = liquidationOf(input, run.book, symbol)
    if (bar === null || position === null || level === null) continue
    const mark = markBar(input, symbol, bar, k).open
    if (position.side === 'long' ? mark <= level : mark >= level) {
      liquidate(input, run.book, { symbol, step: 4, path: 'none', time: input.opens[k]! })
    }
  }
}

interface Place {
  symbol: number
  step: number
  path: 'none' | 'O-H-L-C' | 'O-L-H-C'
  time: number
}

/** L3: all lots of an isolated position go at the bankruptcy price. */
export function liquidate(input: ReferenceInput, book: Book, place: Place): void {
  const { symbol, ...where } = place
  const lots = book.lots.filter((lot) => lot.symbol === symbol)
  const decision = lots[0]!.decided.number
  const entries = book.entries.filter((entry) => entry.symbol === symbol).sort((a, b) => a.id - b.id)
  for (const { id } of entries) {
    cancelEntry({ input, book }, id, { reason: 'liquidated', step: place.step, time: place.time, decision })
  }
  for (const exit of book.exits.filter((one) => one.symbol === symbol)) {
    cancelResting(input, book, exit, { reason: 'liquidated', step: place.step, time: place.time, decision })
  }
  for (const lot of lots) endLegs(input, book, lot, { step: place.step, time: place.time, decision })
  const position = positionOf(input, book, symbol)!
  const wallet = book.wallets.get(symbol)!
  const price = bankruptcyPrice(position, wallet)
  const level = liquidationOf(input, book, symbol) ?? price
  const side = position.side === 'long' ? 'sell' : 'buy'
  const tiers = tiersOf(input, symbol)
  const { quantity: q, entry } = position
  const way = (position.side === 'long' ? 1 : -1) * q * (entry - level)
  const clearance = Math.max(0, Math.min(tiers[tierOf(tiers, q * level)]!.kappa * q * level, wallet - way))
  const common = { ...where, side, rule: 'L3', symbol, gross: level, price } as const
  note(book, {
    ...common,
    kind: 'liquidate',
    reason: 'liquidation',
    decision,
    quantity: q,
    fee: clearance,
    realised: -wallet,
    needed: way,
    available: wallet - way - clearance,
  })
  book.gain = book.gain - wallet
  let left = wallet
  for (const lot of lots) {
    const isLast = lot === lots.at(-1)
    const quantity = quantityOf(knobsOf(input, symbol), lot.units)
    const realised = isLast ? -left : realisedOf(lot, quantity, price)
    left = left + realised
    endLot(book, lot, realised)
    book.traded = book.traded + quantity * price
    if (isLast) book.wallets.set(symbol, 0)
    const fill = { kind: 'fill', reason: 'liquidation', orderType: 'market', liquidity: 'taker' } as const
    note(book, { ...common, ...fill, lot: lot.id, decision: lot.decided.number, quantity, realised })
  }
}

function endLot(book: Book, lot: Lot, realised: number): void {
  lot.net = lot.net + realised
  book.lots = book.lots.filter((other) => other !== lot)
  book.trades.push(lot.net / lot.cost)
}
