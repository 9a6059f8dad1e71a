import type { StrategyInspection } from '../../src/protocol/runner-result.ts'
import { PlatformError } from '../../src/errors.ts'
import type { Instrument } from '../../src/instruments/instrument.ts'
import type { Attestation, CellEvent } from '../../src/protocol/events.ts'
import { encodeHeaderFrame, encodeSeriesFrame } from '../../src/protocol/frames.ts'
import type { RunMode } from '../../src/protocol/header.ts'
import type { Outcome } from '../../src/protocol/outcome.ts'
import type { RunConfig, RunOptions } from '../../src/protocol/run-config.ts'
import type { CandleSeries } from '../../src/candles/series.ts'
import type { Verdict, Verification } from '../results/verify/verifier.ts'
import type { Cell } from '../sandbox/cell-handle.ts'
import type { CellEnd } from '../sandbox/exit.ts'
import type { SandboxPolicy } from '../sandbox/policy.ts'
import type { RunDeps, RunnerImage } from '../deps.ts'
import { candleBytes, cutToRun, type DataRefusal, loadArchived, type RunData } from './collect-candles.ts'
import { buildHeader, createFrameWriter, type FrameWriter } from './job-frames.ts'
import { completeOutcome, type OutcomeCore, outcomeOfVerdict } from './run-outcome.ts'

/**
 * Theory of operation. One job, end to end (DESIGN 5). The verification thread starts while the cell boots.
 * The strategy's lookback is known only inside the cell (the host never runs submitted code), so the cell first gets the header, answers with
 * `accepted`, and then gets exactly the rows that its lookback asks for. Everything that can end a run early (no data, a gap, an abort, a limit)
 * becomes a cause with which the cell is killed; the first cause wins. Whatever happens the cell is gone when this function returns.
 */

export interface RunRequest {
  readonly job: string
  readonly mode: RunMode
  readonly config: RunConfig
  readonly options: RunOptions
  readonly signal?: AbortSignal
  onEvent?(event: CellEvent): void
}

export interface RunEnd {
  readonly outcome: Outcome
  readonly verdict: Verdict | null
  readonly inspection: StrategyInspection | null
  readonly data: RunData | null
  readonly exit: CellEnd | null
  readonly policy: SandboxPolicy
  readonly instruments: readonly (Instrument | null)[]
  readonly image: RunnerImage | null
  readonly attestation: Attestation | null
  readonly timings: Readonly<Record<string, number>>
}

/** Memory that a run needs beside its candles: Node, isolates, results (V4). */
const RESERVED_BYTES = 256 * 1024 * 1024

type Accepted = Extract<CellEvent, { type: 'accepted' }>

/** The moments of a run, ms since its start. */
function createStopwatch(): { mark(name: string): void; times: Record<string, number>; elapsed(): number } {
  const start = performance.now()
  const times: Record<string, number> = {}
  return {
    times,
    elapsed: () => performance.now() - start,
    mark(name) {
      times[name] = Math.round((performance.now() - start) * 100) / 100
    },
  }
}

function findPolicy(deps: RunDeps, options: RunOptions): SandboxPolicy {
  const policy = deps.policies.get(options.policy)
  if (policy !== undefined) return policy
  const message = `is not a policy; there are ${[...deps.policies.keys()].join(', ')}`
  throw new PlatformError('invalid_config', `Cannot use the configuration: "/options/policy" ${message}`, {
    errors: [{ pointer: '/options/policy', message }],
  })
}

/** A progressive copy of the largest unit a worker stands in memory beside the candles themselves. */
export function neededMemoryBytes(series: readonly CandleSeries[], workers: number): number {
  const sizes = series.map((one) => candleBytes([one])).sort((a, b) => b - a)
  const copies = sizes.slice(0, workers).reduce((sum, size) => sum + size, 0)
  return candleBytes(series) + copies + RESERVED_BYTES
}

function checkMemory(
  deps: RunDeps,
  policy: SandboxPolicy,
  series: readonly CandleSeries[],
  workers: number,
): OutcomeCore | null {
  const needed = neededMemoryBytes(series, workers)
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

function refusalCore(refusal: DataRefusal): OutcomeCore {
  return { kind: 'data_unavailable', ...refusal }
}

/** What belongs to one run while its cell lives. */
interface LiveRun {
  readonly deps: RunDeps
  readonly request: RunRequest
  readonly policy: SandboxPolicy
  readonly instruments: readonly (Instrument | null)[]
  readonly archived: readonly CandleSeries[]
  readonly verification: Verification
  readonly watch: ReturnType<typeof createStopwatch>
  readonly frames: FrameWriter
  /** Known in the course of the run. */
  data: RunData | null
  attestation: Attestation | null
}

/** Candles and instruments of the symbols that the strategy trades (filterSymbols); null unless some of the run's, in their order. */
function findTraded(
  { request, archived, instruments }: LiveRun,
  symbols: readonly string[],
): Pick<RunData, 'series' | 'instruments'> | null {
  const places = symbols.map((symbol) => request.config.symbols.indexOf(symbol))
  if (places.length === 0 || places.some((place, i) => place < 0 || (i > 0 && place <= places[i - 1]!))) return null
  return { series: places.map((place) => archived[place]!), instruments: places.map((place) => instruments[place]!) }
}

/** Sends what the cell needs after `accepted`; a refusal means that the cell must be killed with it. */
async function sendSeries(run: LiveRun, cell: Cell, accepted: Accepted): Promise<OutcomeCore | null> {
  const { deps, request, policy, frames, verification } = run
  const { config } = request
  const traded = findTraded(run, accepted.symbols)
  if (traded === null) {
    const message = 'The cell names symbols that are not those of this run in their order'
    return { kind: 'platform_error', reason: 'protocol', message }
  }
  const cut = cutToRun(config, traded, accepted.lookback)
  if (!cut.ok) return refusalCore(cut.refusal)
  run.data = cut.data
  const { series, window, instruments } = cut.data
  const tooLarge = checkMemory(deps, policy, series, request.options.workers ?? policy.cores)
  if (tooLarge !== null) return tooLarge
  verification.prepare({
    config,
    series,
    window,
    lookback: accepted.lookback,
    symbols: accepted.symbols,
    instruments,
  })
  for (const one of series) await cell.send(frames.add(encodeSeriesFrame(one, 'base')))
  await cell.send(frames.end())
  await cell.endInput()
  return null
}

/** Feeds a cell from its attestation to the end of its input. A refusal ends it; so does an error that is not its own end. */
async function feedCell(run: LiveRun, cell: Cell, accepted: Promise<Accepted>): Promise<void> {
  const { frames, watch, request, policy, instruments } = run
  run.attestation = await cell.attested
  watch.mark('attested')
  await cell.send(frames.add(encodeHeaderFrame(buildHeader(request, policy, instruments))))
  if (request.mode === 'inspect') {
    await cell.send(frames.end())
    await cell.endInput()
    return
  }
  const event = await Promise.race([accepted, cell.ended.then(() => null)])
  if (event === null) return
  watch.mark('accepted')
  const refusal = await sendSeries(run, cell, event)
  watch.mark('sent')
  if (refusal !== null) cell.kill(refusal)
}

/** Starts the cell of a run, feeds it and waits for its end, whatever that is. */
async function runCell(run: LiveRun, image: string): Promise<{ end: CellEnd; gone: Promise<unknown> }> {
  const { deps, request, policy, watch } = run
  const accepted = Promise.withResolvers<Accepted>()
  const cell = await deps.startCell(policy, image, (event) => {
    if (event.type === 'accepted') accepted.resolve(event)
    request.onEvent?.(event)
  })
  watch.mark('cellStarted')
  run.verification.start()
  const abort = (): void => cell.kill({ kind: 'cancelled', reason: null, message: 'Cancelled' })
  request.signal?.addEventListener('abort', abort)
  if (request.signal?.aborted === true) abort()
  try {
    // A cell that ends while it is fed says more by its exit than the broken pipe does
    const fed = feedCell(run, cell, accepted.promise).catch((error: Error) => {
      cell.kill({ kind: 'platform_error', reason: 'infra', message: `Cannot feed the cell: ${error.message}` })
    })
    await Promise.race([fed, cell.ended])
    return { end: await cell.ended, gone: cell.finished }
  } finally {
    watch.mark('exited')
    request.signal?.removeEventListener('abort', abort)
  }
}

/** Runs one job in a cell of its own and verifies its answer. Ends of every kind are outcomes. @throws invalid_config (policy), engine_unavailable, engine_timeout */
export async function runBacktest(deps: RunDeps, request: RunRequest): Promise<RunEnd> {
  const watch = createStopwatch()
  const { config, mode } = request
  const policy = findPolicy(deps, request.options)
  const instruments = await deps.instruments.findAll(config.market, config.symbols)
  const end = (core: OutcomeCore, rest: Partial<RunEnd>): RunEnd => ({
    outcome: completeOutcome(core, {
      exit: rest.exit ?? null,
      wallMs: watch.elapsed(),
      bars: rest.data?.series.reduce((sum, one) => sum + one.rows, 0) ?? null,
    }),
    verdict: null,
    inspection: null,
    data: null,
    exit: null,
    image: null,
    attestation: null,
    ...rest,
    policy,
    instruments,
    timings: watch.times,
  })
  const verification = deps.verifier.begin()
  try {
    const archived = mode === 'run' ? await loadArchived(deps.archive, config) : { ok: true as const, series: [] }
    if (!archived.ok) return end(refusalCore(archived.refusal), {})
    watch.mark('candlesLoaded')
    const image = await deps.image()
    const run: LiveRun = {
      deps,
      request,
      policy,
      instruments,
      archived: archived.series,
      verification,
      watch,
      frames: createFrameWriter(),
      data: null,
      attestation: null,
    }
    const { end: exit, gone } = await runCell(run, image.ref)
    const known = { exit, data: run.data, image, attestation: run.attestation }
    if (exit.cause !== null) {
      await gone
      return end(exit.cause, known)
    }
    const [verdict] = await Promise.all([verification.verify(exit.stdout), gone])
    watch.mark('verified')
    const inspection = verdict.type === 'claimed' ? verdict.inspection : null
    return end(outcomeOfVerdict(verdict, mode), { ...known, verdict, inspection })
  } finally {
    await verification.close()
  }
}
