import { closeLot } from './reference-engine-fills.ts'
import { cancelResting } from './reference-engine-ends.ts'
import type { Where } from './reference-engine-fills.ts'
import { fillsAtLimit } from './reference-engine-stops.ts'
import { bankruptcyPrice, isIsolated, positionOf } from './reference-engine-perp.ts'
import { filledAt, viewOnLine } from './reference-engine-user-fill.ts'
import { viewOf } from './reference-engine-users.ts'
import { takerPrice } from './reference-engine-prices.ts'
import { knobsOf, passesLimit, quantityOf, sideOf, toTick } from './reference-engine-rules.ts'
import type { RestingExit } from './reference-engine-exit.ts'
import type { Book, Lot, ReferenceBar, ReferenceInput, Run } from './reference-engine-types.ts'

/** Step 4, after brackets: resting exits that the open has passed. */
export function restingAtOpen(run: Run, k: number): void {
  const { input } = run
  const time = input.opens[k]!
  for (const { id } of run.book.exits) {
    const exit = run.book.exits.find((one) => one.id === id)
    if (exit === undefined) continue
    const bar = run.liveBar(exit.symbol, k)
    if (bar === null) {
      exit.waited++
      if (exit.waited <= input.config.execution.maxWaitBars) continue
      const fields = { reason: 'expired_stale', step: 4, time, decision: exit.decided.number }
      cancelResting(input, run.book, exit, fields)
      continue
    }
    exit.waited = 0
    exit.liveBars++
    const side = sideOf(exit.decided)
    const beyond = side === 'buy' ? bar.open > exit.level : bar.open < exit.level
    const quantity = unitsMet(input, run.book, exit).quantity
    const asked = { symbol: exit.symbol, side, gross: bar.open, quantity, bar }
    const where = { step: 4, path: 'none', time } as const
    const { symbol, type } = exit
    const limit = type === 'limit' ? exit.level : null
    const met = { symbol, type, kind: 'exit', side, quantity, limit, bar } as const
    const own = (liquidity: 'maker' | 'taker', gross: number, price: number): number =>
      filledAt(input, { ...met, gross, price, liquidity, view: viewOf(run, run.equity, k) })
    if (exit.type === 'stop') {
      const passed = side === 'buy' ? bar.open >= exit.level : bar.open <= exit.level
      if (!passed) continue
      const price = own('taker', bar.open, takerPrice(input, asked))
      fillExit(input, run.book, exit, { ...where, rule: 'F3', liquidity: 'taker', gross: bar.open, price })
    } else if (exit.liveBars === 1) {
      if (beyond) continue
      const price = own('taker', bar.open, takerPrice(input, { ...asked, limit: exit.level }))
      fillExit(input, run.book, exit, { ...where, rule: 'F2', liquidity: 'taker', gross: bar.open, price })
    } else if (passesLimit(input, { symbol: exit.symbol, side, level: exit.level }, bar.open)) {
      const gross = fillsAtLimit(run, exit.symbol, k) ? exit.level : bar.open
      const price = own('maker', gross, gross)
      fillExit(input, run.book, exit, { ...where, rule: 'F2', liquidity: 'maker', gross, price })
    }
  }
}

/** F5 for resting exits: each that trails follows the bar that ended at tau(k). */
export function moveExitTrails(run: Run, k: number): void {
  const { input, book } = run
  for (const exit of book.exits) {
    const bar = run.liveBar(exit.symbol, k - 1)
    if (bar === null || exit.extreme === null) continue
    const { row } = exit.decided
    const isSell = sideOf(exit.decided) === 'sell'
    const best = isSell ? bar.high : bar.low
    const reached = input.config.execution.trailBasis === 'close' ? bar.close : best
    if (isSell ? reached <= exit.extreme : reached >= exit.extreme) continue
    exit.extreme = reached
    const away = row.trailPct === undefined ? row.trailDistance! : null
    const below = away === null ? reached * (1 - row.trailPct! / 100) : reached - away
    const above = away === null ? reached * (1 + row.trailPct! / 100) : reached + away
    const knobs = knobsOf(input, exit.symbol)
    const level = isSell ? toTick(knobs, below, 'down') : toTick(knobs, above, 'up')
    if (isSell ? level <= exit.level : level >= exit.level) continue
    input.onBranch?.('trailing exit moves')
    exit.level = level
  }
}

/** What it is about: all lots of its symbol, or the one of its leg. */
function lotsOf(book: Book, exit: RestingExit): Lot[] {
  return book.lots.filter((lot) => lot.symbol === exit.symbol && (exit.lot === null || exit.lot === lot.id))
}

/** What it closes: as much as it asks for, or as there is. */
function unitsMet(input: ReferenceInput, book: Book, exit: RestingExit): { units: number; quantity: number } {
  let held = 0
  for (const lot of lotsOf(book, exit)) held = held + lot.units
  const units = Math.min(exit.units, held)
  return { units, quantity: quantityOf(knobsOf(input, exit.symbol), units) }
}

/** It is met on a line: a limit at its level, a stop with slippage. */
export function fillExitOnPath(
  input: ReferenceInput,
  book: Book,
  { exit, walk }: { exit: RestingExit; walk: { bar: ReferenceBar; time: number; line: 'O-H-L-C' | 'O-L-H-C' } },
): void {
  const { level, symbol } = exit
  const where = { path: walk.line, step: 7, time: walk.time, gross: level } as const
  const { quantity } = unitsMet(input, book, exit)
  const met = { symbol, kind: 'exit', type: exit.type, side: sideOf(exit.decided), quantity, bar: walk.bar } as const
  const own = { ...met, gross: level, view: viewOnLine(book) }
  if (exit.type === 'limit') {
    const price = filledAt(input, { ...own, price: level, limit: level, liquidity: 'maker' })
    return fillExit(input, book, exit, { ...where, rule: 'F2', liquidity: 'maker', price })
  }
  const slipped = takerPrice(input, { symbol, side: sideOf(exit.decided), gross: level, quantity, bar: walk.bar })
  const price = filledAt(input, { ...own, price: slipped, limit: null, liquidity: 'taker' })
  fillExit(input, book, exit, { ...where, rule: 'F3', liquidity: 'taker', price })
}

/** It is met: lots in order of opening, all at one price; then it is done. */
function fillExit(input: ReferenceInput, book: Book, exit: RestingExit, where: Where): void {
  const knobs = knobsOf(input, exit.symbol)
  let rest = unitsMet(input, book, exit).units
  book.exits = book.exits.filter((other) => other !== exit)
  input.onBranch?.(`resting ${exit.type} ${where.liquidity} ${where.path}`)
  // At an open the position is that before the order; on a path it is looked at lot by lot.
  const position = positionOf(input, book, exit.symbol)!
  const bankruptcy =
    isIsolated(input) && where.path === 'none' ? bankruptcyPrice(position, book.wallets.get(exit.symbol)!) : undefined
  if (exit.lot !== null) input.onBranch?.(`exit leg ${exit.type} ${where.path}`)
  for (const lot of lotsOf(book, exit)) {
    if (rest <= 0) break
    let units = Math.min(rest, lot.units)
    if (knobs.step === null && lot.units - units <= 1e-12 * lot.largest) units = lot.units
    rest = rest - units
    closeLot(input, book, {
      lot,
      units,
      bankruptcy,
      reason: 'exit',
      orderType: exit.type,
      order: exit.id,
      decision: exit.decided.number,
      where,
    })
  }
}
