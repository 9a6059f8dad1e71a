import type { ProfileName } from './profile-names.ts'
import type { RunConfig } from './run-config.ts'

type Execution = RunConfig['execution']

/** The settings of `execution` where neither the configuration nor another profile says anything. */
export const DEFAULT_EXECUTION: Execution = {
  marketFill: 'next_open',
  onSame: 'ignore',
  onShortfall: 'shrink',
  retryBars: 0,
  maxWaitBars: 10,
  limitTouch: 'strict',
  clampSlippage: false,
  participation: null,
  trailBasis: 'extreme',
  bracketFrom: 'line',
  restingLimit: 'limit',
  quantity: 'steps',
  cashCheck: 'admit',
}

/** What each profile sets; docs/semantics.md says what of the other engines no setting reproduces, and why. */
export const PROFILE_EXECUTION: Readonly<Record<ProfileName, Execution>> = {
  'hotcell/v1': DEFAULT_EXECUTION,
  backtrader: {
    ...DEFAULT_EXECUTION,
    bracketFrom: 'next_bar',
    limitTouch: 'touch',
    restingLimit: 'open',
    trailBasis: 'close',
    cashCheck: 'submission_and_fill',
    clampSlippage: true,
    onSame: 'add',
    onShortfall: 'refuse',
  },
  'backtesting.py': {
    ...DEFAULT_EXECUTION,
    bracketFrom: 'market_entries',
    limitTouch: 'touch',
    restingLimit: 'open',
    quantity: 'integer',
    cashCheck: 'fill',
    onSame: 'add',
    onShortfall: 'refuse',
  },
}
