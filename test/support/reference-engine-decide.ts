import { cancelEntry } from './reference-engine-fills.ts'
import { note } from './reference-engine-rules.ts'
import type { Decided, Run } from './reference-engine-types.ts'

/** Step 2: the decisions of the bars that ended at tau(k). */
export function decide(run: Run, k: number): void {
  const time = run.input.opens[k]!
  for (const decided of run.decisions) {
    if (decided.instant !== time) continue
    decided.equity = run.equity
    const { signal, intent } = decided.row
    if (signal === 'BUY' && intent === 'close') refuse(run, decided, 'nothing_to_close')
    else if (signal === 'SELL' && intent === 'open') refuse(run, decided, 'short_not_allowed')
    else if (signal === 'BUY') decideBuy(run, decided, k)
    else decideSell(run, decided, k)
  }
}

function refuse(run: Run, decided: Decided, reason: string, time = decided.instant): void {
  note(run.book, {
    kind: 'refuse',
    reason,
    side: decided.row.signal === 'BUY' ? 'buy' : 'sell',
    step: 2,
    symbol: decided.row.symbol,
    decision: decided.number,
    time,
    quantity: decided.row.size ?? 0,
  })
}

function decideBuy(run: Run, decided: Decided, k: number): void {
  const { book } = run
  const { row } = decided
  const symbol = row.symbol
  const reference = row.entryPrice ?? decided.close
  const inverted =
    (row.tpPrice !== undefined && row.tpPrice <= reference) ||
    (row.slPrice !== undefined && row.slPrice >= reference) ||
    (row.slPct !== undefined && row.slPct >= 100) ||
    (row.trailPct !== undefined && row.trailPct >= 100)
  if (run.isLastBar(symbol, k - 1)) return refuse(run, decided, 'data_ended')
  if (inverted) return refuse(run, decided, 'bracket_inverted')
  if (row.entryTime !== undefined && row.entryTime < decided.instant) return refuse(run, decided, 'entry_in_past')
  const hasLots = book.lots.some((lot) => lot.symbol === symbol)
  const hasEntries = book.entries.some((entry) => entry.symbol === symbol)
  const hasPending = book.pending.some((p) => p.decided.row.symbol === symbol)
  const onSame = run.input.config.execution.onSame
  if (hasLots || hasEntries || hasPending) {
    if (onSame === 'ignore') return refuse(run, decided, 'already_open')
    if (onSame === 'replace') {
      withdraw(run, decided, 'replaced')
      if (hasLots) queueClose(run, decided, { reason: 'replaced', size: null })
    }
  }
  book.pending.push({ decided, waited: 0, triesLeft: run.input.config.execution.retryBars })
}

function decideSell(run: Run, decided: Decided, k: number): void {
  const { book } = run
  const symbol = decided.row.symbol
  if (book.lots.some((lot) => lot.symbol === symbol)) {
    if (run.isLastBar(symbol, k - 1)) return refuse(run, decided, 'data_ended')
    return queueClose(run, decided, { reason: 'none', size: decided.row.size ?? null })
  }
  const working = book.entries.some((entry) => entry.symbol === symbol)
  const pending = book.pending.some((p) => p.decided.row.symbol === symbol)
  if (working || pending) return withdraw(run, decided, 'cancelled_by_sell')
  refuse(run, decided, 'nothing_to_close')
}

/** Working entries of the symbol are cancelled, its pending proposals refused. */
function withdraw(run: Run, cause: Decided, reason: string): void {
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

function queueClose(run: Run, decided: Decided, close: { reason: string; size: number | null }): void {
  const { book } = run
  const id = book.nextOrder++
  book.closes.push({ id, decided, symbol: decided.row.symbol, size: close.size, waited: 0 })
  note(book, {
    kind: 'close',
    reason: close.reason,
    side: 'sell',
    orderType: 'market',
    step: 2,
    symbol: decided.row.symbol,
    order: id,
    decision: decided.number,
    time: decided.instant,
    quantity: close.size ?? 0,
  })
}
