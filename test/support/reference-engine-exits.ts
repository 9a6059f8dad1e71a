import { cancelClose, partOf, roomLeft } from './reference-engine-cap.ts'
import { cancelEntry } from './reference-engine-cancel.ts'
import { closeLot, stopLot } from './reference-engine-fills.ts'
import { marketBar } from './reference-engine-market.ts'
import { refuseClose, staleCloses } from './reference-engine-stale.ts'
import { restingAtOpen } from './reference-engine-resting.ts'
import { bracketActs, fillsAtLimit } from './reference-engine-stops.ts'
import {
  compareT3,
  heldQuantity,
  knobsOf,
  note,
  passesLimit,
  quantityOf,
  sideOf,
  unitsOf,
} from './reference-engine-rules.ts'
import { wholeOf, type Whole } from './reference-engine-perp.ts'
import { filledAt, type FoundFill } from './reference-engine-user-fill.ts'
import { viewOf } from './reference-engine-users.ts'
import { takerPrice } from './reference-engine-prices.ts'
import type { Lot, PendingClose, Run } from './reference-engine-types.ts'

function exitSide(lot: Lot): 'buy' | 'sell' {
  return lot.side === 'long' ? 'sell' : 'buy'
}

/** Step 4: exits at the open. */
export function openExits(run: Run, k: number): void {
  const born = (): boolean => true
  stopsAtOpen(run, k, born)
  limitsAtOpen(run, k, born)
  restingAtOpen(run, k)
  if (run.input.config.execution.marketFill === 'next_open') closeExits(run, k)
}

/** Market exits; with same_close before all that the open does. */
export function closeExits(run: Run, k: number): void {
  marketExits(run, k)
  staleCloses(run, k)
}

/** same_close: lots that were entered at the close before meet the open after that. */
export function exitsOfNewLots(run: Run, k: number): void {
  const time = run.input.opens[k]!
  const isNew = (lot: Lot): boolean =>
    lot.born === time && bracketActs(run.input, { type: lot.entryType, born: time, decided: lot.decided }, time)
  stopsAtOpen(run, k, isNew)
  limitsAtOpen(run, k, isNew)
}

function exitPrice(run: Run, k: number, met: Omit<FoundFill, 'kind' | 'view'>): number {
  return filledAt(run.input, { ...met, kind: 'exit', view: viewOf(run, run.equity, k) })
}

function lotsInKeyOrder(run: Run): Lot[] {
  return [...run.book.lots].sort((a, b) => compareT3(a.decided, b.decided) || a.id - b.id)
}

function stopsAtOpen(run: Run, k: number, isMeant: (lot: Lot) => boolean): void {
  const { input, book } = run
  for (const lot of lotsInKeyOrder(run)) {
    const bar = run.liveBar(lot.symbol, k)
    if (bar === null || lot.sl === null || !isMeant(lot)) continue
    if (!lot.stopped && (lot.side === 'long' ? bar.open > lot.sl : bar.open < lot.sl)) continue
    const units = partOf(input, book, { symbol: lot.symbol, bar, units: lot.units, whole: lot.largest })
    const isPart = units < lot.units
    if (units === 0) {
      stopLot(input, book, lot, { step: 4, time: input.opens[k]! })
      continue
    }
    const quantity = quantityOf(knobsOf(input, lot.symbol), units)
    const side = exitSide(lot)
    const slipped = takerPrice(input, { symbol: lot.symbol, side, gross: bar.open, quantity, bar })
    const met = { symbol: lot.symbol, side, type: 'stop', quantity, bar, limit: null } as const
    const price = exitPrice(run, k, { ...met, gross: bar.open, price: slipped, liquidity: 'taker' })
    closeLot(input, book, {
      lot,
      units,
      reason: lot.trails ? 'trailing_stop' : 'stop_loss',
      orderType: 'stop',
      order: 0,
      decision: lot.decided.number,
      where: { rule: 'F3', liquidity: 'taker', path: 'none', step: 4, time: input.opens[k]!, gross: bar.open, price },
    })
    if (isPart) stopLot(input, book, lot, { step: 4, time: input.opens[k]! })
  }
}

function limitsAtOpen(run: Run, k: number, isMeant: (lot: Lot) => boolean): void {
  const { input, book } = run
  for (const lot of lotsInKeyOrder(run)) {
    const bar = run.liveBar(lot.symbol, k)
    if (bar === null || lot.tp === null || !isMeant(lot)) continue
    if (!passesLimit(input, { symbol: lot.symbol, side: exitSide(lot), level: lot.tp }, bar.open)) continue
    const units = partOf(input, book, { symbol: lot.symbol, bar, units: lot.units, whole: lot.largest })
    if (units === 0) continue
    const atLimit = fillsAtLimit(run, lot.symbol, k)
    const gross = atLimit ? lot.tp : bar.open
    const quantity = quantityOf(knobsOf(input, lot.symbol), units)
    const met = { symbol: lot.symbol, side: exitSide(lot), type: 'limit', quantity, bar, limit: lot.tp } as const
    const price = exitPrice(run, k, { ...met, gross, price: gross, liquidity: 'maker' })
    input.onBranch?.(atLimit ? 'take profit at its limit' : 'take profit at the open')
    closeLot(input, book, {
      lot,
      units,
      reason: 'take_profit',
      orderType: 'limit',
      order: 0,
      decision: lot.decided.number,
      where: { rule: 'F2', liquidity: 'maker', path: 'none', step: 4, time: input.opens[k]!, gross, price },
    })
  }
}

function marketExits(run: Run, k: number): void {
  const due = run.book.closes.filter((close) => run.liveBar(close.symbol, k) !== null)
  due.sort((a, b) => compareT3(a.decided, b.decided) || a.decided.number - b.decided.number)
  for (const close of due) {
    close.waited = 0
    if (run.input.config.execution.participation !== null) {
      closeWithinRoom(run, close, k)
      continue
    }
    run.book.closes = run.book.closes.filter((other) => other !== close)
    const lots = run.book.lots.filter((lot) => lot.symbol === close.symbol)
    const held = heldQuantity(run.input, run.book.lots, close.symbol)
    if (lots.every((lot) => exitSide(lot) !== close.side))
      refuseClose(run, close, { reason: 'position_gone', quantity: close.size ?? 0, k })
    else if (close.lot !== null) closeTheLot(run, close, k)
    else if (close.size === null || close.size >= held) closeAll(run, close, k)
    else closePart(run, close, lots, k)
  }
}

/** F9: a close sells what each bar has room for; what it is about is fixed when it first acts. */
function closeWithinRoom(run: Run, close: PendingClose, k: number): void {
  const { book, input } = run
  const knobs = knobsOf(input, close.symbol)
  const bar = run.liveBar(close.symbol, k)!
  const time = input.opens[k]!
  const end = (): void => void (book.closes = book.closes.filter((other) => other !== close))
  if (close.acted === null) {
    const all = book.lots.filter((lot) => lot.symbol === close.symbol)
    const refuse = (reason: string, quantity: number): void => {
      end()
      refuseClose(run, close, { reason, quantity, k })
    }
    if (all.length === 0) return refuse('position_gone', close.size ?? 0)
    if (close.size === null || close.size >= heldQuantity(input, book.lots, close.symbol)) {
      clearEntries(run, close, k)
      close.acted = { rest: null, before: book.nextLot }
    } else {
      const units = unitsOf(knobs, close.size)
      const quantity = quantityOf(knobs, units)
      if (units === 0) return refuse('zero_quantity', 0)
      if (quantity < knobs.minQuantity) return refuse('below_min_quantity', quantity)
      if (quantity * marketBar(run, close.symbol, k).price < knobs.minNotional)
        return refuse('below_min_notional', quantity)
      close.acted = { rest: units, before: book.nextLot }
    }
  }
  const { acted } = close
  const isMine = (lot: Lot): boolean => (close.lot === null ? lot.id < acted.before : lot.id === close.lot)
  const mine = (): Lot[] => book.lots.filter((lot) => lot.symbol === close.symbol && isMine(lot))
  if (mine().length === 0) {
    end()
    return cancelClose(run, close, { reason: 'position_gone', step: 4, time })
  }
  let held = 0
  for (const lot of mine()) held = held + lot.units
  const sold = Math.min(acted.rest ?? Infinity, held, roomLeft(input, book, close.symbol, bar))
  const bankruptcy = wholeOf(input, book, close.symbol)?.bankruptcy
  let left = sold
  for (const lot of mine()) {
    if (left <= 0) break
    const dust = knobs.step === null && lot.units - left <= 1e-12 * lot.largest
    const units = left >= lot.units || dust ? lot.units : left
    left = left - units
    if (acted.rest !== null) acted.rest = acted.rest - units
    exitForClose(run, close, { lot, whole: null, bankruptcy, units, total: quantityOf(knobs, sold), k })
  }
  const asked = close.size === null ? 0 : unitsOf(knobs, close.size)
  const dust = knobs.step === null ? 1e-12 * asked : 0
  if ((acted.rest !== null && acted.rest <= dust) || mine().length === 0) return end()
  input.onBranch?.('rest of a close')
}

function closeTheLot(run: Run, close: PendingClose, k: number): void {
  const lot = run.book.lots.find(({ id }) => id === close.lot)
  if (lot === undefined) return refuseClose(run, close, { reason: 'position_gone', quantity: close.size ?? 0, k })
  const total = quantityOf(knobsOf(run.input, close.symbol), lot.units)
  if (close.size !== null && close.size < total) {
    run.input.onBranch?.('exit leg market, a part')
    return closePart(run, close, [lot], k)
  }
  exitForClose(run, close, { lot, whole: null, units: lot.units, total, k })
}

function closeAll(run: Run, close: PendingClose, k: number): void {
  const { book } = run
  clearEntries(run, close, k)
  const total = heldQuantity(run.input, book.lots, close.symbol)
  const whole = wholeOf(run.input, book, close.symbol)
  for (const lot of book.lots.filter((l) => l.symbol === close.symbol))
    exitForClose(run, close, { lot, whole, units: lot.units, total, k })
}

/** A full close takes working entries along, and pending proposals that are older. */
function clearEntries(run: Run, close: PendingClose, k: number): void {
  if (close.keepsEntries || close.lot !== null) return
  const { book } = run
  const time = run.input.opens[k]!
  const entries = book.entries.filter((e) => e.symbol === close.symbol).sort((a, b) => a.id - b.id)
  for (const e of entries) {
    cancelEntry(run, e.id, { reason: 'closed_lot', step: 4, time, decision: close.decided.number })
  }
  const pending = book.pending.filter(
    (p) => p.decided.row.symbol === close.symbol && p.decided.number < close.decided.number,
  )
  for (const p of pending.sort((a, b) => a.decided.number - b.decided.number)) {
    book.pending = book.pending.filter((other) => other !== p)
    note(book, {
      kind: 'refuse',
      reason: 'closed_lot',
      side: sideOf(p.decided),
      step: 4,
      symbol: close.symbol,
      decision: p.decided.number,
      time,
      quantity: p.decided.row.size ?? 0,
    })
  }
}

function closePart(run: Run, close: PendingClose, lots: readonly Lot[], k: number): void {
  const knobs = knobsOf(run.input, close.symbol)
  const open = marketBar(run, close.symbol, k).price
  let rest = unitsOf(knobs, close.size!)
  const quantity = quantityOf(knobs, rest)
  if (rest === 0) return refuseClose(run, close, { reason: 'zero_quantity', quantity: 0, k })
  if (quantity < knobs.minQuantity) return refuseClose(run, close, { reason: 'below_min_quantity', quantity, k })
  if (quantity * open < knobs.minNotional) return refuseClose(run, close, { reason: 'below_min_notional', quantity, k })
  const bankruptcy = wholeOf(run.input, run.book, close.symbol)?.bankruptcy
  let parts = 0
  for (const lot of lots) {
    if (rest <= 0) break
    if (++parts === 2) run.input.onBranch?.('partial close over two lots')
    let units = Math.min(rest, lot.units)
    if (knobs.step === null && lot.units - units <= 1e-12 * lot.largest) units = lot.units
    if (units < lot.units) run.input.onBranch?.('part of a lot sold')
    rest = rest - units
    exitForClose(run, close, { lot, whole: null, bankruptcy, units, total: quantity, k })
  }
}

function exitForClose(
  run: Run,
  close: PendingClose,
  sale: { lot: Lot; whole: Whole | null; bankruptcy?: number | undefined; units: number; total: number; k: number },
): void {
  const { input, book } = run
  const { bar, price: gross } = marketBar(run, close.symbol, sale.k)
  const slipped = takerPrice(input, {
    symbol: close.symbol,
    side: close.side,
    gross,
    quantity: sale.total,
    bar,
  })
  const met = { symbol: close.symbol, side: close.side, type: 'market', quantity: sale.total, bar } as const
  if (close.told?.k !== sale.k) {
    const own = exitPrice(run, sale.k, { ...met, gross, price: slipped, limit: null, liquidity: 'taker' })
    close.told = { k: sale.k, price: own }
  }
  const { price } = close.told
  closeLot(input, book, {
    lot: sale.lot,
    whole: sale.whole,
    bankruptcy: sale.bankruptcy,
    units: sale.units,
    reason: 'exit',
    orderType: 'market',
    order: close.id,
    decision: close.decided.number,
    where: {
      rule: 'F1',
      liquidity: 'taker',
      path: 'none',
      step: 4,
      time: input.opens[sale.k]!,
      gross,
      price,
    },
  })
}
