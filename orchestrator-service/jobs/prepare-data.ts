import type { CandleSeries } from '../../src/candles/series.ts'
import type { Instrument } from '../../src/instruments/instrument.ts'
import type { CellEvent } from '../../src/protocol/events.ts'
import type { RunConfig, RunOptions } from '../../src/protocol/run-config.ts'
import type { RunDeps } from '../deps.ts'
import type { Verification } from '../results/verify/verifier.ts'
import type { SandboxPolicy } from '../sandbox/policy.ts'
import {
  type ArchivedData,
  candleBytes,
  cutToRun,
  type DataRefusal,
  type RunData,
  type TradedData,
} from './collect-candles.ts'
import type { OutcomeCore } from './run-outcome.ts'

/** Memory that a run needs beside its candles: Node, isolates, results (V4). */
const RESERVED_BYTES = 256 * 1024 * 1024
/** What an isolate takes before anything is in it. */
const REALM_BYTES = 8 * 1024 * 1024
const CANDLE_ROW_BYTES = 48

export type Accepted = Extract<CellEvent, { type: 'accepted' }>

/** What is known of a run before its cell has said what it needs. */
export interface RunInputs {
  readonly deps: Pick<RunDeps, 'policies'>
  readonly request: { readonly config: RunConfig; readonly options: RunOptions }
  readonly policy: SandboxPolicy
  /** Of the run's symbols, in their order. */
  readonly instruments: readonly (Instrument | null)[]
  /** All rows of the run's symbols, in their order. */
  readonly archived: ArchivedData
  readonly verification: Verification
}

export function refusalCore(refusal: DataRefusal): OutcomeCore {
  return { kind: 'data_unavailable', ...refusal }
}

/** A perpetual without margin tiers, or with less leverage than is asked for, cannot be run. */
export function findUntiered(
  { perpetual, symbols }: RunConfig,
  instruments: readonly (Instrument | null)[],
): OutcomeCore | null {
  if (perpetual === undefined) return null
  const tiersOf = (index: number) => instruments[index]?.marginTiers ?? []
  const without = symbols.filter((_, index) => tiersOf(index).length === 0)
  if (without.length > 0) {
    return {
      kind: 'invalid_config',
      reason: null,
      message: `Cannot run perpetual ${without.slice(0, 10).join(', ')}: no margin tiers, expected instrument data with marginTiers`,
      pointer: '/symbols',
      hint: 'Import them with `hotcell instruments import FILE`; docs/perpetuals.md shows one',
    }
  }
  const most = symbols.map((_, index) => Number(tiersOf(index)[0]!.maxLeverage ?? perpetual.leverage))
  const over = most.findIndex((limit) => perpetual.leverage > limit)
  if (over < 0) return null
  return {
    kind: 'invalid_config',
    reason: null,
    message: `Cannot run perpetual ${symbols[over]} with leverage ${perpetual.leverage}: its first margin tier allows ${most[over]}`,
    pointer: '/perpetual/leverage',
    hint: 'Use less leverage',
  }
}

/** A progressive copy of the largest unit a worker stands in memory beside the candles themselves. */
export function neededMemoryBytes(series: readonly CandleSeries[], workers: number): number {
  const sizes = series.map((one) => candleBytes([one])).sort((a, b) => b - a)
  const copies = sizes.slice(0, workers).reduce((sum, size) => sum + size, 0)
  return candleBytes(series) + copies + RESERVED_BYTES
}

/** In a look-ahead proof all realms stay open: each symbol has columns of full length, and a copy of its own. */
export function proofMemoryBytes(symbols: number, bars: number): number {
  return 2 * symbols * bars * CANDLE_ROW_BYTES + symbols * REALM_BYTES + RESERVED_BYTES
}

/** A run is checked for look-ahead by request or by policy. */
function isProved(options: RunOptions, policy: SandboxPolicy): boolean {
  return options.proof || policy.lookAheadProof === 'always'
}

function checkMemory(
  deps: Pick<RunDeps, 'policies'>,
  policy: SandboxPolicy,
  { series, marks, detail, window, lookback }: RunData,
  options: RunOptions,
): OutcomeCore | null {
  const proof = isProved(options, policy)
    ? proofMemoryBytes(series.length, lookback + window.endSlot - window.firstSlot)
    : 0
  const needed = Math.max(
    proof,
    neededMemoryBytes(series, options.workers ?? policy.cores) +
      candleBytes([...marks, ...detail].filter((one) => one !== null)),
  )
  if (needed <= policy.memoryBytes) return null
  const fitting = [...deps.policies.values()].find((other) => other.memoryBytes >= needed)
  const mib = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`
  return {
    kind: 'invalid_config',
    reason: null,
    message: `The run needs ${mib(needed)} for its candles, the policy "${policy.name}" gives ${mib(policy.memoryBytes)}`,
    pointer: '/options/policy',
    hint:
      fitting === undefined
        ? 'Choose fewer symbols, a shorter range or a longer interval'
        : `Use options.policy "${fitting.name}"`,
  }
}

/** Candles and instruments of the symbols that the strategy trades (filterSymbols); null unless some of the run's, in their order. */
function findTraded({ request, archived, instruments }: RunInputs, symbols: readonly string[]): TradedData | null {
  const places = symbols.map((symbol) => request.config.symbols.indexOf(symbol))
  if (places.length === 0 || places.some((place, i) => place < 0 || (i > 0 && place <= places[i - 1]!))) return null
  return {
    series: places.map((place) => archived.series[place]!),
    marks: places.map((place) => archived.marks[place] ?? null),
    funding: places.map((place) => archived.funding[place] ?? null),
    detail: places.map((place) => archived.detail[place] ?? null),
    instruments: places.map((place) => instruments[place]!),
    benchmark: archived.benchmark,
  }
}

/** The rows that a cell asks for with `accepted`; the verification gets them too. */
export function prepareData(
  inputs: RunInputs,
  accepted: Accepted,
): { ok: true; data: RunData } | { ok: false; refusal: OutcomeCore } {
  const { deps, request, policy, verification } = inputs
  const { config, options } = request
  if (options.bounds === 'rerun' && accepted.portfolio === true) {
    const message =
      'Cannot bound a portfolio strategy (onBar) by a second run: not supported yet, expected options.bounds "local"'
    return { ok: false, refusal: { kind: 'invalid_config', reason: null, pointer: '/options/bounds', message } }
  }
  const traded = findTraded(inputs, accepted.symbols)
  if (traded === null) {
    const message = 'The cell names symbols that are not those of this run in their order'
    return { ok: false, refusal: { kind: 'platform_error', reason: 'protocol', message } }
  }
  const cut = cutToRun(config, traded, accepted.lookback)
  if (!cut.ok) return { ok: false, refusal: refusalCore(cut.refusal) }
  const { series, marks, funding, detail, benchmark, window, lookback, instruments } = cut.data
  const tooLarge = checkMemory(deps, policy, cut.data, options)
  if (tooLarge !== null) return { ok: false, refusal: tooLarge }
  const known = { config, series, marks, funding, detail, benchmark, window, lookback, instruments }
  const bounds = options.bounds === undefined ? {} : { bounds: options.bounds }
  const proof = isProved(options, policy)
  const isPortfolio = accepted.portfolio === true
  verification.prepare({ ...known, ...bounds, symbols: accepted.symbols, isPortfolio, proof })
  return { ok: true, data: cut.data }
}
