import { admitProposals, expireEntries } from './reference-engine-entries.ts'
import { openEntries } from './reference-engine-open.ts'
import { closeExits, exitsOfNewLots, openExits } from './reference-engine-exits.ts'
import { playPaths } from './reference-engine-path.ts'
import { positionOf, unrealised, wholeOf } from './reference-engine-perp.ts'
import { compareT3, heldQuantity, lastBar, note, sideOf } from './reference-engine-rules.ts'
import { checkPolicies, takerPrice } from './reference-engine-prices.ts'
import { cancelClose } from './reference-engine-cap.ts'
import { cancelEntry } from './reference-engine-cancel.ts'
import { closeLot } from './reference-engine-fills.ts'
import { cancelResting } from './reference-engine-ends.ts'
import { moveExitTrails } from './reference-engine-resting.ts'
import { trailLevel } from './reference-engine-stops.ts'
import { crossAtClose, crossAtOpen, endBankrupt } from './reference-engine-cross.ts'
import { chargeFunding } from './reference-engine-funding.ts'
import { liquidateAtOpens } from './reference-engine-liquidation.ts'
import { barsWithDetail } from './reference-engine-detail.ts'
import { askedOf } from './reference-engine-leg-functions.ts'
import { placeExitLegs } from './reference-engine-exit-legs.ts'
import { decide } from './reference-engine-decide.ts'
import { actOn } from './reference-engine-portfolio.ts'
import type { ReferenceDecision } from './reference-engine-decision.ts'
import type { Decided, ReferenceInput, ReferenceRecord, Run } from './reference-engine-types.ts'

/**
 * Theory of operation
 *
 * The second, slow implementation of phase 2, written from the documents alone and without any import from `src/`, so
 * that the fast one has something to disagree with. One loop over the instants tau(0) .. tau(n); at each instant the
 * steps of T2 in their order over plain arrays; nothing is cached, sums are made anew each time, and a path through a
 * bar is played twice on copies of the whole book.
 */

export function referenceRun(input: ReferenceInput): {
  records: ReferenceRecord[]
  equity: number[]
  crossAmbiguous: number
} {
  checkPolicies(input)
  const run = startRun({ ...input, bars: barsWithDetail(input) })
  const equity = run.equities
  const n = input.opens.length - 1
  for (let k = 0; k <= n; k++) {
    if (k > 0) {
      run.book.freshMarks.clear()
      closeStep(run, k, n)
      run.equity = equityNow(run, k)
      equity.push(run.equity)
      if (input.config.perpetual !== undefined && run.equity <= 0) {
        endBankrupt(run, k)
        equity.pop()
        while (equity.length < n) equity.push(0)
        break
      }
    }
    if (k === n) break
    const mode = input.config.perpetual?.marginMode
    if (mode === 'cross' && k > 0) crossAtClose(run, k)
    decide(run, k, actOn)
    placeExitLegs(run, k)
    if (mode !== undefined) chargeFunding(run, k, 'at the open')
    const takesCloses = input.config.execution.marketFill === 'same_close'
    if (takesCloses) closeExits(run, k)
    if (mode === 'cross') crossAtOpen(run, k)
    if (mode === 'isolated') liquidateAtOpens(run, k)
    openExits(run, k)
    admitProposals(run, k)
    openEntries(run, k)
    if (takesCloses) exitsOfNewLots(run, k)
    if (mode !== undefined) chargeFunding(run, k, 'inside')
    playPaths(run, k)
  }
  return { records: run.book.records, equity, crossAmbiguous: run.crossAmbiguous }
}

function startRun(input: ReferenceInput): Run {
  const rowByTime = input.bars.map((bars) => new Map(bars.map((bar, row) => [bar.time, row])))
  const noVolume = input.bars.map((bars) => bars.every((bar) => bar.volume === 0))
  const rowAt = (symbol: number, k: number): number => rowByTime[symbol]!.get(input.opens[k]!) ?? -1
  return {
    input,
    decisions: numberDecisions(input),
    book: {
      cash: input.config.initialCash,
      wallets: new Map(),
      freshMarks: new Map(),
      gain: 0,
      pathCash: 0,
      admissionCash: 0,
      traded: 0,
      nextOrder: 1,
      nextLot: 1,
      pending: [],
      entries: [],
      exits: [],
      exitLegs: [],
      used: new Map(),
      closes: [],
      lots: [],
      records: [],
      trades: [],
    },
    crossAmbiguous: 0,
    equity: input.config.initialCash,
    equities: [],
    rowAt,
    liveBar(symbol, k) {
      const bar = input.bars[symbol]![rowAt(symbol, k)]
      return bar !== undefined && (bar.volume > 0 || noVolume[symbol]!) ? bar : null
    },
    isLastBar(symbol, k) {
      return rowAt(symbol, k) === input.bars[symbol]!.length - 1
    },
  }
}

/** What onBar does acts in the order of its calls. */
function rankOf({ action, sequence, rank, confidence }: ReferenceDecision): number {
  return action === undefined ? (rank ?? confidence ?? 0) : -sequence
}

/** Sorted by decision time, then T3, numbered from 1. */
function numberDecisions(input: ReferenceInput): Decided[] {
  const decided = input.decisions.map((row): Decided => {
    const bar = input.bars[row.symbol]![row.bar]!
    const instant = input.opens[input.opens.indexOf(bar.time) + 1 + (row.late ?? 0)]!
    return { row, number: 0, rank: rankOf(row), instant, close: bar.close, equity: 0, legs: null, asked: askedOf(row) }
  })
  decided.sort((a, b) => (a.instant === b.instant ? compareT3(a, b) : a.instant - b.instant))
  decided.forEach((decision, index) => (decision.number = index + 1))
  for (const decision of decided) {
    if (decision.asked !== null && decision.row.leg === undefined) decision.legs = [decision]
    if (decision.row.leg === undefined) continue
    decision.legs = decision.row.leg === 1 ? [] : decided[decision.number - 2]!.legs
    decision.legs!.push(decision)
  }
  return decided
}

/** Step 1 without the marks, which are looked up when they are needed. */
function closeStep(run: Run, k: number, n: number): void {
  if (k < n) {
    for (let symbol = 0; symbol < run.input.bars.length; symbol++) {
      if (run.rowAt(symbol, k - 1) !== -1 && run.isLastBar(symbol, k - 1)) dataEnded(run, symbol, k)
    }
    expireEntries(run, k)
    moveTrails(run, k)
    moveExitTrails(run, k)
  } else if (run.input.config.endOfData === 'close') {
    for (let symbol = 0; symbol < run.input.bars.length; symbol++) closeAtEnd(run, symbol, k)
  }
}

/** F5: each trailing stop follows the bar that ended at tau(k). */
function moveTrails(run: Run, k: number): void {
  const { input, book } = run
  for (const lot of book.lots) {
    const bar = run.liveBar(lot.symbol, k - 1)
    if (bar === null || lot.extreme === null || (lot.born === bar.time && !lot.atOpen)) continue
    const isLong = lot.side === 'long'
    const extreme = isLong ? bar.high : bar.low
    const reached = input.config.execution.trailBasis === 'close' ? bar.close : extreme
    if (isLong ? reached <= lot.extreme : reached >= lot.extreme) continue
    lot.extreme = reached
    const level = trailLevel(input, lot.decided, reached)!
    if (lot.sl !== null && (isLong ? level <= lot.sl : level >= lot.sl)) continue
    if (!lot.trails) input.onBranch?.('trail overtakes the stop loss')
    lot.sl = level
    lot.trails = true
  }
}

function dataEnded(run: Run, symbol: number, k: number): void {
  const { book, input } = run
  const base = { reason: 'data_ended', step: 1, symbol, time: input.opens[k]! }
  const byNumber = (a: Decided, b: Decided): number => a.number - b.number
  const pending = book.pending.map(({ decided }) => decided).sort(byNumber)
  for (const decided of [...pending, ...book.exitLegs.sort(byNumber)].filter(({ row }) => row.symbol === symbol)) {
    const { number: decision, row } = decided
    note(book, { ...base, kind: 'refuse', side: sideOf(decided), decision, quantity: row.size ?? 0 })
  }
  book.pending = book.pending.filter(({ decided }) => decided.row.symbol !== symbol)
  book.exitLegs = book.exitLegs.filter(({ row }) => row.symbol !== symbol)
  const closes = book.closes.filter((c) => c.symbol === symbol)
  for (const c of closes.sort((a, b) => a.decided.number - b.decided.number)) {
    book.closes = book.closes.filter((other) => other !== c)
    if (c.acted !== null) {
      cancelClose(run, c, { reason: 'data_ended', step: 1, time: base.time })
      continue
    }
    note(book, {
      ...base,
      kind: 'refuse',
      side: c.side,
      orderType: 'market',
      order: c.id,
      decision: c.decided.number,
      quantity: c.size ?? 0,
    })
  }
  const entries = book.entries.filter((e) => e.symbol === symbol)
  for (const e of entries.sort((a, b) => a.id - b.id)) cancelEntry(run, e.id, { ...base, decision: e.decided.number })
  for (const one of book.exits.filter((e) => e.symbol === symbol)) {
    cancelResting(input, book, one, { ...base, decision: one.decided.number })
  }
}

function closeAtEnd(run: Run, symbol: number, k: number): void {
  const { book, input } = run
  const whole = wholeOf(input, book, symbol)
  const quantity = heldQuantity(input, book.lots, symbol)
  for (const lot of book.lots.filter((l) => l.symbol === symbol)) {
    const bar = lastBar(run, symbol, k)
    const side = lot.side === 'long' ? 'sell' : 'buy'
    const price = takerPrice(input, { symbol, side, gross: bar.close, quantity, bar })
    closeLot(input, book, {
      lot,
      whole,
      units: lot.units,
      reason: 'end_of_data',
      orderType: 'market',
      order: book.nextOrder++,
      decision: 0,
      where: { rule: 'T6', liquidity: 'taker', path: 'none', step: 1, time: input.opens[k]!, gross: bar.close, price },
    })
  }
}

function equityNow(run: Run, k: number): number {
  let equity = run.book.cash
  for (let symbol = 0; symbol < run.input.bars.length; symbol++) {
    if (!run.book.lots.some((lot) => lot.symbol === symbol)) continue
    const mark = lastBar(run, symbol, k).close
    if (run.input.config.perpetual === undefined) {
      equity = equity + heldQuantity(run.input, run.book.lots, symbol) * mark
    } else {
      const position = positionOf(run.input, run.book, symbol)!
      equity = equity + ((run.book.wallets.get(symbol) ?? 0) + unrealised(position, mark))
    }
  }
  return equity
}
