import type { Interval } from '../candles/interval.ts'
import type { FillPolicyName } from '../policies/fill.ts'
import type { ProfileName } from './profile-names.ts'

/** A flat JSON value: what params, args and meta may hold. */
export type FlatValue = string | number | boolean | null
export type FlatJson = Readonly<Record<string, FlatValue>>

/** A component after its defaults: a builtin by name with every parameter present. */
export interface BuiltinSpec {
  readonly builtin: string
  readonly params: FlatJson
}

/** A policy that is code of the user: an export of a submitted file, a class made once with `params`, or a function. */
export interface UserPolicySpec {
  readonly module: string
  readonly class?: string
  readonly function?: string
  /** Absent for a function. */
  readonly params?: FlatJson
}

export type PolicySpec = BuiltinSpec | UserPolicySpec

export type StrategySpec = BuiltinSpec | { readonly module: string; readonly class: string; readonly params: FlatJson }

export interface SourceFile {
  readonly path: string
  readonly source: string
}

/** What only perpetuals have (section 5 of the rules). */
export interface PerpetualConfig {
  readonly leverage: number
  readonly marginMode: 'isolated' | 'cross'
  readonly allowShort: boolean
  readonly onOpposite: 'close' | 'reverse' | 'ignore'
  /** auto: mark candles where they cover the bar, else the last price; last: always that. */
  readonly mark: 'auto' | 'last'
  /** data: rows of the series (L1); none: no funding at all; a schedule: for symbols without rows. */
  readonly funding: 'data' | 'none' | FundingSchedule
}

/** The same rate at every multiple of some hours of UTC; payments by it are flagged. */
export interface FundingSchedule {
  readonly everyHours: number
  readonly rate: number
}

/**
 * A backtest configuration after defaults: what phase 1, phase 2 and the verification read, and what X1 hashes
 * (without `options`). Made only by `parseConfig`.
 */
export interface RunConfig {
  readonly strategy: StrategySpec
  /** Sorted by path (code units). */
  readonly files: readonly SourceFile[]
  readonly market: 'spot' | 'perpetual'
  /** Present if the market is perpetual. */
  readonly perpetual?: PerpetualConfig
  /** Unique, sorted by code units. */
  readonly symbols: readonly string[]
  readonly interval: Interval
  /** Of the detail candles by which bars can be booked (F7); absent: there are none. */
  readonly detailInterval?: Interval
  /** ms UTC, or null: from the data (resolveWindow). */
  readonly start: number | null
  readonly end: number | null
  readonly initialCash: number
  readonly fee: PolicySpec
  readonly slippage: PolicySpec
  readonly sizing: PolicySpec
  readonly capacity: PolicySpec
  readonly risk: PolicySpec
  readonly fill: FillPolicyName | UserPolicySpec
  /** Order types by code of the user, by the name that decisions use (F13); absent: there are none. */
  readonly executors?: Readonly<Record<string, UserPolicySpec>>
  /** Where the settings of `execution` come from that the configuration leaves open. */
  readonly profile: ProfileName
  readonly endOfData: 'open' | 'close'
  readonly execution: {
    /** Where market orders fill: at the open of their bar, or at the close before it (F1). */
    readonly marketFill: 'next_open' | 'same_close'
    readonly onSame: 'ignore' | 'add' | 'replace'
    readonly onShortfall: 'shrink' | 'refuse'
    readonly retryBars: number
    readonly maxWaitBars: number
    /** strict, touch, or penetrate_ticks=k (F2). */
    readonly limitTouch: string
    readonly clampSlippage: boolean
    /** Share of a bar's volume that fills may take together (F9); null: any. */
    readonly participation: number | null
    /** What trailing stops follow (F5). */
    readonly trailBasis: 'extreme' | 'close'
    /** When the bracket of a lot begins to act: where it is entered, or from the next bar (F6). */
    readonly bracketFrom: 'line' | 'next_bar' | 'market_entries'
    /** Price of a resting limit that an open has passed (F2). */
    readonly restingLimit: 'limit' | 'open'
    /** When an entry must be paid: reserved at its admission, or checked there and at its fill, or at its fill alone (P3). */
    readonly cashCheck: 'admit' | 'submission_and_fill' | 'fill'
    /** integer: whole units, whatever finer step the instrument has (F10). */
    readonly quantity: 'steps' | 'integer'
  }
  readonly data: { readonly gaps: 'mark' | 'refuse'; readonly maxSyntheticShare: number; readonly maxGapBars: number }
  /** Present if the run has a benchmark of its own. */
  readonly benchmark?: { readonly symbol: string; readonly interval: Interval }
  readonly metrics: { readonly periodsPerYear: number | null; readonly riskFree: number }
  readonly seed: string
  readonly args: FlatJson
}

/** The part of a configuration that does not change what a run means (outside `inputs`, X1). */
export interface RunOptions {
  readonly policy: string
  readonly workers: number | null
  /** -100..100; of the waiting jobs the highest one is taken first. */
  readonly priority: number
  /** Whether a verified run is checked for look-ahead (V4). */
  readonly proof: boolean
  /** Whether the result of an earlier job with the same inputs may stand for this one. */
  readonly cache: boolean
  /** Present if phase 2 is to be played whole under `worst` and `best` too (F8). */
  readonly bounds?: 'rerun'
  readonly labels: Readonly<Record<string, string>>
}
