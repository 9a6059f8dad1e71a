import { cancelEntry, closeLot } from './reference-engine-fills.ts'
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
import { takerPrice } from './reference-engine-prices.ts'
import type { Lot, PendingClose, Run } from './reference-engine-types.ts'

function exitSide(lot: Lot): 'buy' | 'sell' {
  return lot.side === 'long' ? 'sell' : 'buy'
}

/** Step 4: exits at the open. */
export function openExits(run: Run, k: number): void {
  stopsAtOpen(run, k)
  limitsAtOpen(run, k)
  marketExits(run, k)
  staleCloses(run, k)
}

function lotsInKeyOrder(run: Run): Lot[] {
  return [...run.book.lots].sort((a, b) => compareT3(a.decided, b.decided) || a.id - b.id)
}

function stopsAtOpen(run: Run, k: number): void {
  const { input, book } = run
  for (const lot of lotsInKeyOrder(run)) {
    const bar = run.liveBar(lot.symbol, k)
    if (bar === null || lot.sl === null) continue
    if (lot.side === 'long' ? bar.open > lot.sl : bar.open < lot.sl) continue
    const quantity = quantityOf(knobsOf(input, lot.symbol), lot.units)
    const price = takerPrice(input, { symbol: lot.symbol, side: exitSide(lot), gross: bar.open, quantity, bar })
    closeLot(input, book, {
      lot,
      units: lot.units,
      reason: lot.trails ? 'trailing_stop' : 'stop_loss',
      orderType: 'stop',
      order: 0,
      decision: lot.decided.number,
      where: { rule: 'F3', liquidity: 'taker', path: 'none', step: 4, time: input.opens[k]!, gross: bar.open, price },
    })
  }
}

function limitsAtOpen(run: Run, k: number): void {
  const { input, book } = run
  for (const lot of lotsInKeyOrder(run)) {
    const bar = run.liveBar(lot.symbol, k)
    if (bar === null || lot.tp === null) continue
    if (!passesLimit(input, { symbol: lot.symbol, side: exitSide(lot), level: lot.tp }, bar.open)) continue
    const contiguous = k > 0 && run.liveBar(lot.symbol, k - 1) !== null
    const price = contiguous ? lot.tp : bar.open
    input.onBranch?.(contiguous ? 'take profit at its limit' : 'take profit at the open after a break')
    closeLot(input, book, {
      lot,
      units: lot.units,
      reason: 'take_profit',
      orderType: 'limit',
      order: 0,
      decision: lot.decided.number,
      where: { rule: 'F2', liquidity: 'maker', path: 'none', step: 4, time: input.opens[k]!, gross: price, price },
    })
  }
}

function marketExits(run: Run, k: number): void {
  const due = run.book.closes.filter((close) => run.liveBar(close.symbol, k) !== null)
  due.sort((a, b) => compareT3(a.decided, b.decided) || a.decided.number - b.decided.number)
  for (const close of due) {
    run.book.closes = run.book.closes.filter((other) => other !== close)
    const lots = run.book.lots.filter((lot) => lot.symbol === close.symbol)
    const held = heldQuantity(run.input, run.book.lots, close.symbol)
    if (lots.every((lot) => exitSide(lot) !== close.side))
      refuseClose(run, close, { reason: 'position_gone', quantity: close.size ?? 0, k })
    else if (close.size === null || close.size >= held) closeAll(run, close, k)
    else closePart(run, close, k)
  }
}

function refuseClose(run: Run, close: PendingClose, refusal: { reason: string; quantity: number; k: number }): void {
  note(run.book, {
    kind: 'refuse',
    reason: refusal.reason,
    side: close.side,
    orderType: 'market',
    step: 4,
    symbol: close.symbol,
    order: close.id,
    decision: close.decided.number,
    time: run.input.opens[refusal.k]!,
    quantity: refusal.quantity,
  })
}

function closeAll(run: Run, close: PendingClose, k: number): void {
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
  const total = heldQuantity(run.input, book.lots, close.symbol)
  const whole = wholeOf(run.input, book, close.symbol)
  for (const lot of book.lots.filter((l) => l.symbol === close.symbol))
    exitForClose(run, close, { lot, whole, units: lot.units, total, k })
}

function closePart(run: Run, close: PendingClose, k: number): void {
  const knobs = knobsOf(run.input, close.symbol)
  const open = run.liveBar(close.symbol, k)!.open
  let rest = unitsOf(knobs, close.size!)
  const quantity = quantityOf(knobs, rest)
  if (rest === 0) return refuseClose(run, close, { reason: 'zero_quantity', quantity: 0, k })
  if (quantity < knobs.minQuantity) return refuseClose(run, close, { reason: 'below_min_quantity', quantity, k })
  if (quantity * open < knobs.minNotional) return refuseClose(run, close, { reason: 'below_min_notional', quantity, k })
  const bankruptcy = wholeOf(run.input, run.book, close.symbol)?.bankruptcy
  let parts = 0
  for (const lot of run.book.lots.filter((l) => l.symbol === close.symbol)) {
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
  const bar = run.liveBar(close.symbol, sale.k)!
  const price = takerPrice(input, {
    symbol: close.symbol,
    side: close.side,
    gross: bar.open,
    quantity: sale.total,
    bar,
  })
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
      gross: bar.open,
      price,
    },
  })
}

function staleCloses(run: Run, k: number): void {
  const waiting = run.book.closes.filter((close) => run.liveBar(close.symbol, k) === null)
  for (const close of waiting.sort((a, b) => a.decided.number - b.decided.number)) {
    close.waited++
    if (close.waited <= run.input.config.execution.maxWaitBars) continue
    run.book.closes = run.book.closes.filter((other) => other !== close)
    refuseClose(run, close, { reason: 'expired_stale', quantity: close.size ?? 0, k })
  }
}
