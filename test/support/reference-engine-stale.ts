import { cancelClose } from './reference-engine-cap.ts'
import { note } from './reference-engine-rules.ts'
import type { PendingClose, Run } from './reference-engine-types.ts'

export function refuseClose(
  run: Run,
  close: PendingClose,
  refusal: { reason: string; quantity: number; k: number },
): void {
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

/** Closes whose symbol has no bar wait, but not for ever. */
export function staleCloses(run: Run, k: number): void {
  const waiting = run.book.closes.filter((close) => run.liveBar(close.symbol, k) === null)
  for (const close of waiting.sort((a, b) => a.decided.number - b.decided.number)) {
    close.waited++
    if (close.waited <= run.input.config.execution.maxWaitBars) continue
    run.book.closes = run.book.closes.filter((other) => other !== close)
    if (close.acted !== null) cancelClose(run, close, { reason: 'expired_stale', step: 4, time: run.input.opens[k]! })
    else refuseClose(run, close, { reason: 'expired_stale', quantity: close.size ?? 0, k })
  }
}
