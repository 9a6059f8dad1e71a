import type { Instrument } from '../../src/instruments/instrument.ts'
import { plainPerpetual } from '../../src/instruments/plain-perpetual.ts'
import type { RunConfig } from '../../src/protocol/run-config.ts'

/** Leverage 3, both sides, no funding. */
export const PERPETUAL: NonNullable<RunConfig['perpetual']> = {
  leverage: 3,
  marginMode: 'isolated',
  allowShort: true,
  onOpposite: 'close',
  mark: 'last',
  funding: 'none',
}

/** A perpetual whose liquidations cost a fee; `rounding`: what is other than none. */
export function makePerpetual(symbol: string, rounding: Partial<Pick<Instrument, 'tick' | 'step'>> = {}): Instrument {
  const plain = plainPerpetual(symbol, '0.004')
  return { ...plain, ...rounding, marginTiers: [{ ...plain.marginTiers![0]!, clearanceFeeRate: '0.003' }] }
}

/** What the symbols of a run are: perpetuals in steps of 0.001, or on a spot market nothing known. */
export function instrumentsOf({ symbols, perpetual }: RunConfig): (Instrument | null)[] {
  return symbols.map((symbol) => (perpetual === undefined ? null : makePerpetual(symbol, { step: '0.001' })))
}
