import type { ProfileName } from './profile-names.ts'
import type { RunConfig } from './run-config.ts'

/** The settings of `execution` that a profile decides where the configuration does not. */
export type ProfileKnobs = Pick<
  RunConfig['execution'],
  | 'bracketFrom'
  | 'limitTouch'
  | 'restingLimit'
  | 'trailBasis'
  | 'quantity'
  | 'cashCheck'
  | 'clampSlippage'
  | 'onSame'
  | 'onShortfall'
>

/** What each profile sets; docs/semantics.md says what of the other engines no setting reproduces, and why. */
export const PROFILE_KNOBS: Readonly<Record<ProfileName, ProfileKnobs>> = {
  'hotcell/v1': {
    bracketFrom: 'line',
    limitTouch: 'strict',
    restingLimit: 'limit',
    trailBasis: 'extreme',
    quantity: 'steps',
    cashCheck: 'admit',
    clampSlippage: false,
    onSame: 'ignore',
    onShortfall: 'shrink',
  },
  backtrader: {
    bracketFrom: 'next_bar',
    limitTouch: 'touch',
    restingLimit: 'open',
    trailBasis: 'close',
    quantity: 'steps',
    cashCheck: 'submission_and_fill',
    clampSlippage: true,
    onSame: 'add',
    onShortfall: 'refuse',
  },
  'backtesting.py': {
    bracketFrom: 'market_entries',
    limitTouch: 'touch',
    restingLimit: 'open',
    trailBasis: 'extreme',
    quantity: 'integer',
    cashCheck: 'fill',
    clampSlippage: false,
    onSame: 'add',
    onShortfall: 'refuse',
  },
}
