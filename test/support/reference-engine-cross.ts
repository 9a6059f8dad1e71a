import { cancelEntry } from './reference-engine-cancel.ts'
import { closeLot } from './reference-engine-fills.ts'
import { cancelResting } from './reference-engine-ends.ts'
import { maintenance, markBar, tierOf, tiersOf } from './reference-engine-liquidation.ts'
import { positionOf, unrealised } from './reference-engine-perp.ts'
import { compareT3, knobsOf, lastBar, note, quantityOf, sideOf } from './reference-engine-rules.ts'
import type { Decided, Lot, Run } from './reference-engine-types.ts'

type MarkOf = (symbol: number) => number

/** Mark of the last close at tau(k). */
function closeMark(run: Run, symbol: number, k: number): number {
  for (let slot = k - 1; slot >= 0; slot--) {
    const row = run.rowAt(symbol, slot)
    if (row !== -1) return markBar(run.input, symbol, run.input.bars[symbol]![row]!, slot).close
  }
  throw new Error('a position without a bar before it')
}

function isUnderwater(run: Run, markOf: MarkOf): boolean {
  const { input, book } = run
  if (book.lots.length === 0) return false
  let equity = book.cash
  let needed = 0
  for (let symbol = 0; symbol < input.bars.length; symbol++) {
    const position = positionOf(input, book, symbol)
    if (position === null) continue
    equity = equity + unrealised(position, markOf(symbol))
    needed = needed + maintenance(tiersOf(input, symbol), position.quantity * markOf(symbol))
  }
  return equity <= needed
}

/** L4 at the close tau(k). */
export function crossAtClose(run: Run, k: number): void {
  const { input } = run
  const atClose: MarkOf = (symbol) => closeMark(run, symbol, k)
  if (isUnderwater(run, atClose)) return cascade(run, k, 1, atClose)
  const atExtreme: MarkOf = (symbol) => {
    const row = run.rowAt(symbol, k - 1)
    if (row === -1) return closeMark(run, symbol, k)
    const bar = markBar(input, symbol, input.bars[symbol]![row]!, k - 1)
    return positionOf(input, run.book, symbol)!.side === 'long' ? bar.low : bar.high
  }
  if (isUnderwater(run, atExtreme)) run.crossAmbiguous++
}

/** L4 at the opens tau(k). */
export function crossAtOpen(run: Run, k: number): void {
  const { input } = run
  const atOpen: MarkOf = (symbol) => {
    const row = run.rowAt(symbol, k)
    if (row === -1) return closeMark(run, symbol, k)
    return markBar(input, symbol, input.bars[symbol]![row]!, k).open
  }
  if (isUnderwater(run, atOpen)) cascade(run, k, 4, atOpen)
}

function cascade(run: Run, k: number, step: number, markOf: MarkOf): void {
  const { input } = run
  endOrders(run, k, { reason: 'liquidated', step })
  while (isUnderwater(run, markOf)) {
    const { book } = run
    const profit = (lot: Lot): number => {
      const held = quantityOf(knobsOf(input, lot.symbol), lot.units)
      return lot.side === 'long' ? held * (markOf(lot.symbol) - lot.entry) : held * (lot.entry - markOf(lot.symbol))
    }
    const lots = [...book.lots].sort((a, b) => profit(a) - profit(b) || compareT3(a.decided, b.decided) || a.id - b.id)
    const lot = lots[0]!
    const row = step === 4 ? run.rowAt(lot.symbol, k) : -1
    const price = row === -1 ? lastBar(run, lot.symbol, k).close : input.bars[lot.symbol]![row]!.open
    const tiers = tiersOf(input, lot.symbol)
    const notional = positionOf(input, book, lot.symbol)!.quantity * markOf(lot.symbol)
    closeLot(input, book, {
      lot,
      units: lot.units,
      clearance: tiers[tierOf(tiers, notional)]!.kappa,
      reason: 'liquidation',
      orderType: 'market',
      order: 0,
      decision: lot.decided.number,
      where: { rule: 'L4', liquidity: 'taker', path: 'none', step, time: input.opens[k]!, gross: price, price },
    })
  }
  if (run.book.lots.length === 0) writeOff(run, k, step)
}

function endOrders(run: Run, k: number, why: { reason: string; step: number }): void {
  const { book, input } = run
  const base = { ...why, time: input.opens[k]! }
  const { pending, exitLegs, closes } = book
  book.pending = []
  book.exitLegs = []
  book.closes = []
  const byNumber = (a: Decided, b: Decided): number => a.number - b.number
  const entering = pending.map(({ decided }) => decided).sort(byNumber)
  for (const decided of [...entering, ...exitLegs.sort(byNumber)]) {
    const { row, number } = decided
    const facts = { symbol: row.symbol, side: sideOf(decided), decision: number, quantity: row.size ?? 0 }
    note(book, { ...base, ...facts, kind: 'refuse' })
  }
  for (const close of [...closes].sort((a, b) => a.decided.number - b.decided.number)) {
    const facts = { symbol: close.symbol, side: close.side, order: close.id, decision: close.decided.number }
    note(book, { ...base, ...facts, kind: 'refuse', orderType: 'market', quantity: close.size ?? 0 })
  }
  for (const entry of [...book.entries].sort((a, b) => a.id - b.id)) {
    cancelEntry(run, entry.id, { ...base, decision: entry.decided.number })
  }
  for (const exit of book.exits) cancelResting(input, book, exit, { ...base, decision: exit.decided.number })
}

function writeOff(run: Run, k: number, step: number): void {
  const { book, input } = run
  if (book.cash >= 0) return
  const amount = -book.cash
  book.cash = 0
  input.onBranch?.('written off')
  note(book, { kind: 'write_off', reason: 'written_off', rule: 'L4', step, time: input.opens[k]!, realised: amount })
}

/** M: E was at or below 0, so everything ends. */
export function endBankrupt(run: Run, k: number): void {
  const { input, book } = run
  input.onBranch?.('bankrupt')
  endOrders(run, k, { reason: 'bankrupt', step: 1 })
  for (let symbol = 0; symbol < input.bars.length; symbol++) {
    const position = positionOf(input, book, symbol)
    if (position === null) continue
    const wallet = book.wallets.get(symbol) ?? 0
    const whole = { wallet, quantity: position.quantity, bankruptcy: 0 }
    const price = lastBar(run, symbol, k).close
    for (const lot of book.lots.filter((one) => one.symbol === symbol)) {
      closeLot(input, book, {
        lot,
        whole,
        isFree: true,
        units: lot.units,
        reason: 'bankrupt',
        orderType: 'market',
        order: 0,
        decision: lot.decided.number,
        where: { rule: 'M', liquidity: 'none', path: 'none', step: 1, time: input.opens[k]!, gross: price, price },
      })
    }
  }
  writeOff(run, k, 1)
}
