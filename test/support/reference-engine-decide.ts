import { cancelEntry } from './reference-engine-cancel.ts'
import { areLegs, isExitLeg } from './reference-engine-legs.ts'
import { askLegs } from './reference-engine-leg-functions.ts'
import { note, opens, sideOf } from './reference-engine-rules.ts'
import type { Decided, Lot, Run } from './reference-engine-types.ts'

/** Step 2: the decisions of the bars that ended at tau(k); `actOn`: what is done with those of onBar. */
export function decide(run: Run, k: number, actOn: (run: Run, decided: Decided, k: number) => void): void {
  const time = run.input.opens[k]!
  for (const decided of run.decisions) {
    if (decided.instant !== time) continue
    decided.equity = run.equity
    if (decided.row.action !== undefined) actOn(run, decided, k)
    else if (isExitLeg(decided)) waitForLot(run, decided)
    else if (run.book.pending.some((pending) => areLegs(pending.decided, decided))) join(run, decided, k)
    else resolve(run, decided, k)
  }
  askLegs(run, k)
}

/** P2, P6: a leg that closes waits for its lot; beside a participation cap nothing rests against a position. */
function waitForLot(run: Run, decided: Decided): void {
  if (run.input.config.execution.participation !== null) return refuse(run, decided, 'opposite_position')
  run.book.exitLegs.push(decided)
}

/** P6: a further leg goes with those that were accepted. */
function join(run: Run, decided: Decided, k: number): void {
  const fault = faultOf(run, decided, k)
  if (fault !== null) run.input.onBranch?.('fault of a further leg')
  if (fault !== null) return refuse(run, decided, fault)
  admitLater(run, decided)
}

/** P5. */
function resolve(run: Run, decided: Decided, k: number): void {
  const { intent } = decided.row
  const perpetual = run.input.config.perpetual
  const mayOpen = opens(decided) === 'long' || (perpetual !== undefined && perpetual.allowShort)
  if (intent === 'close') return close(run, decided, k)
  if (intent === 'open' && !mayOpen) return refuse(run, decided, 'short_not_allowed')
  const position = lotsOf(run, decided)[0]?.side ?? entriesOf(run, decided)[0]
  if (position === undefined || position === opens(decided)) {
    return mayOpen ? open(run, decided, k) : refuse(run, decided, 'nothing_to_close')
  }
  const onOpposite = perpetual?.onOpposite ?? 'close'
  if (onOpposite === 'ignore') return refuse(run, decided, 'opposite_position')
  if (mayOpen && (onOpposite === 'reverse' || intent === 'open')) return reverse(run, decided, k)
  close(run, decided, k)
}

export function lotsOf(run: Run, decided: Decided): Lot[] {
  return run.book.lots.filter((lot) => lot.symbol === decided.row.symbol)
}

/** What the working entries and pending proposals of the symbol open. */
export function entriesOf(run: Run, decided: Decided): ('long' | 'short')[] {
  const { symbol } = decided.row
  const working = run.book.entries.filter((entry) => entry.symbol === symbol).map((entry) => entry.decided)
  const pending = run.book.pending.filter((p) => p.decided.row.symbol === symbol).map((p) => p.decided)
  return [...working, ...pending].map(opens)
}

export function refuse(run: Run, decided: Decided, reason: string, time = decided.instant): void {
  note(run.book, {
    kind: 'refuse',
    reason,
    side: sideOf(decided),
    step: 2,
    symbol: decided.row.symbol,
    decision: decided.number,
    time,
    quantity: decided.row.size ?? 0,
  })
}

/** T6: no bar of the symbol begins at tau(k) or later. */
export function hasEnded(run: Run, symbol: number, k: number): boolean {
  return run.input.bars[symbol]!.at(-1)!.time < run.input.opens[k]!
}

/** P7 and T6: why the decision can open nothing. */
export function faultOf(run: Run, decided: Decided, k: number): string | null {
  const { row } = decided
  const reference = row.entryPrice ?? decided.close
  const isLong = opens(decided) === 'long'
  const [above, below] = isLong ? [row.tpPrice, row.slPrice] : [row.slPrice, row.tpPrice]
  const downs = isLong ? [row.slPct, row.trailPct] : [row.tpPct]
  if (hasEnded(run, row.symbol, k)) return 'data_ended'
  if (above !== undefined && above <= reference) return 'bracket_inverted'
  if (below !== undefined && below >= reference) return 'bracket_inverted'
  if (downs.some((down) => down !== undefined && down >= 100)) return 'bracket_inverted'
  if (row.entryTime !== undefined && row.entryTime < decided.instant) return 'entry_in_past'
  return null
}

function open(run: Run, decided: Decided, k: number): void {
  const fault = faultOf(run, decided, k)
  if (fault !== null) return refuse(run, decided, fault)
  const entries = entriesOf(run, decided)
  const onSame = run.input.config.execution.onSame
  if (lotsOf(run, decided).length > 0 || entries.length > 0) {
    if (onSame === 'ignore') return refuse(run, decided, 'already_open')
    if (onSame === 'replace') endAll(run, decided, 'replaced')
    else if (entries.some((side) => side !== opens(decided))) {
      run.input.onBranch?.('add withdraws entries of the other side')
      withdraw(run, decided, cancelledBy(decided))
    }
  }
  admitLater(run, decided)
}

function reverse(run: Run, decided: Decided, k: number): void {
  const fault = faultOf(run, decided, k)
  if (fault !== null) return refuse(run, decided, fault)
  endAll(run, decided, 'reversed')
  admitLater(run, decided)
}

export function admitLater(run: Run, decided: Decided): void {
  run.book.pending.push({ decided, waited: 0, triesLeft: run.input.config.execution.retryBars })
}

function cancelledBy(decided: Decided): string {
  return sideOf(decided) === 'buy' ? 'cancelled_by_buy' : 'cancelled_by_sell'
}

/** Entries are withdrawn, and if there are lots a close of all is queued. */
function endAll(run: Run, decided: Decided, reason: string): void {
  withdraw(run, decided, reason)
  const lots = lotsOf(run, decided)
  if (lots.length === 0) return
  queueClose(run, decided, { reason, size: null, side: lots[0]!.side === 'long' ? 'sell' : 'buy' })
}

/** A decision that closes: lots of the other side, else entries of the other side. */
function close(run: Run, decided: Decided, k: number): void {
  const { row } = decided
  if (lotsOf(run, decided).some((lot) => lot.side !== opens(decided))) {
    if (hasEnded(run, row.symbol, k)) return refuse(run, decided, 'data_ended')
    return queueClose(run, decided, { reason: 'none', size: row.size ?? null, side: sideOf(decided) })
  }
  if (entriesOf(run, decided).some((side) => side !== opens(decided))) {
    return withdraw(run, decided, cancelledBy(decided))
  }
  refuse(run, decided, 'nothing_to_close')
}

/** Working entries of the symbol are cancelled, its pending proposals refused. */
export function withdraw(run: Run, cause: Decided, reason: string): void {
  const { book } = run
  const symbol = cause.row.symbol
  const entries = book.entries.filter((e) => e.symbol === symbol).sort((a, b) => a.id - b.id)
  for (const e of entries) cancelEntry(run, e.id, { reason, step: 2, time: cause.instant, decision: cause.number })
  const pending = book.pending.filter((p) => p.decided.row.symbol === symbol)
  for (const p of pending.sort((a, b) => a.decided.number - b.decided.number)) {
    book.pending = book.pending.filter((other) => other !== p)
    refuse(run, p.decided, reason, cause.instant)
  }
}

export function queueClose(
  run: Run,
  decided: Decided,
  close: {
    reason: string
    size: number | null
    side: 'buy' | 'sell'
    lot?: number | null
    keepsEntries?: boolean
    /** Instant at which it is queued; absent: that of its decision. */
    time?: number
  },
): void {
  const { book } = run
  const id = book.nextOrder++
  book.closes.push({
    id,
    decided,
    symbol: decided.row.symbol,
    side: close.side,
    size: close.size,
    lot: close.lot ?? null,
    keepsEntries: close.keepsEntries ?? false,
    acted: null,
    waited: 0,
  })
  note(book, {
    kind: 'close',
    reason: close.reason,
    side: close.side,
    orderType: 'market',
    step: 2,
    symbol: decided.row.symbol,
    order: id,
    lot: close.lot ?? 0,
    decision: decided.number,
    time: close.time ?? decided.instant,
    quantity: close.size ?? 0,
  })
}
