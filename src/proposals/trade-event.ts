import type { RecordReason } from '../backtest/records.ts'
import type { TradeMeta } from './trade-proposal.ts'

/** One fill of a proposal that was played over finished candles. */
export interface TradeEvent {
  /** Open of the bar of the fill, ms UTC. */
  readonly ts: number
  /** Quote currency. */
  readonly price: number
  /** Base quantity. */
  readonly quantity: number
  readonly event: 'open' | 'close'
  /** Why: entry, take_profit, stop_loss, end_of_data. */
  readonly reason: RecordReason
  readonly isEntry: boolean
  readonly isExit: boolean
  readonly meta: TradeMeta
}
