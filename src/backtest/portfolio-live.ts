import type { SymbolMarket } from '../portfolio/symbol-market.ts'
import type { DecisionLog } from './decision-log.ts'
import { mergeDecisionLogs } from './merge-decisions.ts'
import type { PlainData } from './user-port.ts'

/** What a call of `onBar` sees beside its candles. */
export interface PortfolioInstant {
  readonly slot: number
  /** ms UTC. */
  readonly time: number
  /** E of this instant, and cash. */
  readonly equity: number
  readonly cash: number
  /** Positions, lots and orders; null: as in the call before. */
  readonly account: PlainData | null
}

/** Code of the user that makes orders. */
export interface PortfolioCode {
  /** What onBar does at an instant, as rows that are due there; null: nothing. @throws what ends the run */
  onBar(instant: PortfolioInstant): DecisionLog | null
}

/** What the engine knows when it asks. */
export interface PortfolioAsk extends Omit<PortfolioInstant, 'account'> {
  /** Grows with every change of positions and orders that has a record. */
  readonly changes: number
  /** Something may have changed without one. */
  readonly isRestless: boolean
  readonly account: () => PlainData
}

/** Logs of single calls that are merged at once, so that many calls take no more memory than their rows. */
const MERGE_LOGS = 1024

/** The strategy that is asked while phase 2 goes on, and the log of what it did. */
export class LivePortfolio {
  readonly #code: PortfolioCode
  /** 1 for the slots at whose open it is called. */
  readonly #calls: Uint8Array
  #merged: DecisionLog[] = []
  #recent: DecisionLog[] = []
  #seenChanges = -1
  #hasActed = false

  constructor(
    code: PortfolioCode,
    run: { readonly markets: readonly SymbolMarket[]; readonly lookback: number; readonly slots: number },
  ) {
    this.#code = code
    this.#calls = new Uint8Array(run.slots + 1)
    for (const market of run.markets) this.#noteCalls(market, run.lookback)
  }

  /** A ready symbol closes a bar of the window (P1). */
  #noteCalls({ segmentSlot, segmentRow, segmentLength }: SymbolMarket, lookback: number): void {
    for (let i = 0; i < segmentSlot.length; i++) {
      const missing = lookback - segmentRow[i]!
      const from = Math.max(segmentSlot[i]! + Math.max(0, missing), 0)
      const to = segmentSlot[i]! + segmentLength[i]!
      if (from < to) this.#calls.fill(1, from + 1, to + 1)
    }
  }

  isCalledAt(slot: number): boolean {
    return this.#calls[slot] === 1
  }

  /** The first slot from `slot` on at which it is called, at most `limit`. */
  nextCall(slot: number, limit: number): number {
    const found = this.#calls.subarray(slot, limit).indexOf(1)
    return found < 0 ? limit : slot + found
  }

  ask({ changes, isRestless, account, ...instant }: PortfolioAsk): DecisionLog | null {
    const isNew = isRestless || this.#hasActed || changes !== this.#seenChanges
    this.#seenChanges = changes
    const log = this.#code.onBar({ ...instant, account: isNew ? account() : null })
    this.#hasActed = log !== null
    if (log === null) return null
    this.#recent.push(log)
    if (this.#recent.length === MERGE_LOGS) {
      this.#merged.push(mergeDecisionLogs(this.#recent))
      this.#recent = []
    }
    return log
  }

  /** All that it has done. */
  get log(): DecisionLog {
    return mergeDecisionLogs([...this.#merged, ...this.#recent])
  }
}
