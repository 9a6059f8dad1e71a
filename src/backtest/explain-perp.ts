import type { Direction, FundingPayment, Liquidation } from './explanation.ts'
import type { EngineRecord } from './records.ts'

/** Where a funding record says its mark is from: 3 is the last close. */
const MARK_OF_CLOSE = 3
const INSIDE_BAR = 6

/** A funding record in words (L1). */
export function fundingOf(record: EngineRecord, symbol: string): FundingPayment {
  const flags: string[] = []
  if (record.step === INSIDE_BAR) flags.push('coarse_funding')
  if (record.reason === 'scheduled_funding') flags.push('scheduled_funding')
  if (record.order === MARK_OF_CLOSE) flags.push('last_close')
  const insured = record.realised - record.needed
  if (insured !== 0) flags.push('insured')
  return {
    time: record.time,
    published: record.available,
    symbol,
    lot: record.lot,
    direction: record.side === 'buy' ? 'long' : 'short',
    quantity: record.quantity,
    mark: record.gross,
    rate: record.price,
    payment: record.realised,
    insured,
    flags,
  }
}

/** A liquidation record in words (L3); its side is that of the closing fills. */
export function liquidationOf(record: EngineRecord, symbol: string): Liquidation {
  const direction: Direction = record.side === 'sell' ? 'long' : 'short'
  return {
    time: record.time,
    symbol,
    direction,
    quantity: record.quantity,
    liquidationPrice: record.gross,
    bankruptcyPrice: record.price,
    wallet: -record.realised + 0,
    lostOnTheWay: record.needed,
    clearanceFee: record.fee,
    insurance: record.available,
  }
}
