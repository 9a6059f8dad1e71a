import type { StrategyInspection } from '../../src/protocol/runner-result.ts'
import type { Instrument } from '../../src/instruments/instrument.ts'
import type { Attestation, CellEvent } from '../../src/protocol/events.ts'
import { encodeDecisionsFrame, encodeHeaderFrame } from '../../src/protocol/frames.ts'
import type { RunMode } from '../../src/protocol/header.ts'
import type { Outcome } from '../../src/protocol/outcome.ts'
import type { Proof } from '../../src/protocol/result.ts'
import type { RunConfig, RunOptions } from '../../src/protocol/run-config.ts'
import type { Verdict, Verification } from '../results/verify/verifier.ts'
import type { Cell } from '../sandbox/cell-handle.ts'
import type { CellLog } from '../sandbox/event-lines.ts'
import { RELEASE } from '../sandbox/adopt-cell.ts'
import type { CellCause, CellEnd } from '../sandbox/exit.ts'
import type { SandboxPolicy } from '../sandbox/policy.ts'
import type { RunDeps, RunnerImage } from '../deps.ts'
import { type Checkpoints, resumeRun } from './checkpoints.ts'
import { findPolicy } from './choose-policy.ts'
import { type ArchivedData, loadArchived, type RunData } from './collect-candles.ts'
import { buildHeader, createFrameWriter, type FrameWriter, seriesFrames } from './job-frames.ts'
import { type Accepted, findUntiered, prepareData, refusalCore, type RunInputs } from './prepare-data.ts'
import { proveRun } from './prove-run.ts'
import { completeOutcome, type OutcomeCore, outcomeOfVerdict } from './run-outcome.ts'

/**
 * Theory of operation. One job, end to end (DESIGN 5). The verification thread starts while the cell boots.
 * The strategy's lookback is known only inside the cell (the host never runs submitted code), so the cell first gets the header, answers with
 * `accepted`, and then gets exactly the rows that its lookback asks for. Everything that can end a run early (no data, a gap, an abort, a limit)
 * becomes a cause with which the cell is killed; the first cause wins. Whatever happens the cell has ended when this function returns, and its
 * container is gone, unless it answered and is to be kept until somebody has stored the end: what it wrote can be read again until then.
 */

/** What a run asks of the host. */
export type BacktestDeps = Pick<
  RunDeps,
  'policies' | 'archive' | 'marks' | 'funding' | 'instruments' | 'verifier' | 'image' | 'startCell'
>

export interface RunRequest {
  readonly job: string
  readonly mode: RunMode
  readonly config: RunConfig
  readonly options: RunOptions
  /** 1 where it is left out. */
  readonly attempt?: number
  /** An abort with the reason RELEASE lets go of a cell that is fed; any other one ends it. */
  readonly signal?: AbortSignal
  onEvent?(event: CellEvent): void
  /** Each entry of the cell's log as it comes. */
  onLog?(entry: CellLog): void
  /** Awaited before the first byte on stdin. A rejection ends the cell. */
  onCell?(cell: Cell, policy: SandboxPolicy, image: RunnerImage): Promise<void>
  /** As `onCell`, for the cell of a look-ahead proof. */
  readonly onProofCell?: (cell: Cell, policy: SandboxPolicy, image: RunnerImage) => Promise<void>
  /** What its finished units decided is kept here, and taken from here; left out: nowhere. */
  readonly checkpoints?: Checkpoints
  /** The container of a cell that has answered stays until this settles; left out: it is removed at once. */
  readonly keptUntil?: Promise<void>
  /** All of stdin is sent. */
  onFed?(): void
  /** The cell has ended by itself, its answer is being verified. */
  onAnswered?(): void
}

export interface RunEnd {
  readonly outcome: Outcome
  readonly verdict: Verdict | null
  readonly proof: Proof | null
  readonly inspection: StrategyInspection | null
  readonly data: RunData | null
  readonly exit: CellEnd | null
  readonly policy: SandboxPolicy
  readonly instruments: readonly (Instrument | null)[]
  readonly image: RunnerImage | null
  readonly attestation: Attestation | null
  /** Units that an earlier attempt has decided. */
  readonly resumedUnits: number
  readonly timings: Readonly<Record<string, number>>
}

const NO_DATA: ArchivedData = { series: [], marks: [], funding: [], detail: [], benchmark: null }

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

/** What belongs to one run while its cell lives. */
interface LiveRun extends RunInputs {
  readonly deps: BacktestDeps
  readonly request: RunRequest
  readonly watch: ReturnType<typeof createStopwatch>
  readonly frames: FrameWriter
  readonly image: RunnerImage
  /** Known in the course of the run. */
  data: RunData | null
  attestation: Attestation | null
  resumedUnits: number
  fed: boolean
}

/** Sends what the cell needs after `accepted`; a refusal means that the cell must be killed with it. */
async function sendSeries(run: LiveRun, cell: Cell, accepted: Accepted): Promise<OutcomeCore | null> {
  const { frames, request } = run
  const prepared = prepareData(run, accepted)
  if (!prepared.ok) return prepared.refusal
  run.data = prepared.data
  const resumed = resumeRun(run.verification, request.checkpoints, accepted)
  for (const chunks of seriesFrames(prepared.data)) await cell.send(frames.add(chunks))
  for (const checkpoint of await resumed) {
    await cell.send(frames.add(encodeDecisionsFrame(checkpoint)))
    run.resumedUnits += 1
  }
  await cell.send(frames.end())
  run.fed = await cell.endInput()
  return null
}

/** Feeds a cell from its attestation to the end of its input. A refusal ends it; so does an error that is not its own end. */
async function feedCell(run: LiveRun, cell: Cell, accepted: Promise<Accepted>): Promise<void> {
  const { frames, watch, request, policy, instruments } = run
  const claimed = request.onCell?.(cell, policy, run.image)
  // Told while the cell boots; how a cell ended that never attested says more than this
  claimed?.catch(() => {})
  run.attestation = await cell.attested
  watch.mark('attested')
  await claimed
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
  if (run.fed) request.onFed?.()
}

/** Starts the cell of a run, feeds it and waits for its end, whatever that is. */
async function runCell(run: LiveRun): Promise<{ end: CellEnd; gone: Promise<unknown> }> {
  const { deps, request, policy, watch, image } = run
  const accepted = Promise.withResolvers<Accepted>()
  let stop = (_cause: CellCause): void => {}
  const cell = await deps.startCell(policy, image.ref, {
    onEvent(event) {
      if (event.type === 'accepted') accepted.resolve(event)
      const cause = event.type === 'checkpoint' ? request.checkpoints?.take(event) : null
      if (cause !== null && cause !== undefined) stop(cause)
      request.onEvent?.(event)
    },
    onLog: (entry) => request.onLog?.(entry),
  })
  if (request.keptUntil !== undefined) cell.keep(request.keptUntil)
  stop = (cause) => cell.kill(cause)
  watch.mark('cellStarted')
  run.verification.start()
  const abort = (): void => {
    if (run.fed && request.signal?.reason === RELEASE) cell.release()
    else cell.kill({ kind: 'cancelled', reason: null, message: 'Cancelled' })
  }
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

/** An abort ends the verification too; its verdict is then a failure of no consequence. */
async function verifyUnlessAborted(
  verification: Verification,
  document: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<Verdict> {
  const abort = (): void => void verification.close()
  signal?.addEventListener('abort', abort)
  try {
    return await verification.verify(document)
  } finally {
    signal?.removeEventListener('abort', abort)
  }
}

/** Runs one job in a cell of its own and verifies its answer. Ends of every kind are outcomes. @throws invalid_config (policy), policy_unavailable, engine_unavailable, engine_timeout */
export async function runBacktest(deps: BacktestDeps, request: RunRequest): Promise<RunEnd> {
  const watch = createStopwatch()
  const { config, mode } = request
  const policy = findPolicy(deps, request.options)
  const instruments = await deps.instruments.findAll(config.market, config.symbols)
  const end = (core: OutcomeCore, rest: Partial<RunEnd>): RunEnd => ({
    outcome: completeOutcome(core, {
      exit: rest.exit ?? null,
      wallMs: watch.elapsed(),
      bars: rest.data?.series.reduce((sum, one) => sum + one.rows, 0) ?? null,
      attempt: request.attempt ?? 1,
    }),
    verdict: null,
    proof: null,
    inspection: null,
    data: null,
    exit: null,
    image: null,
    attestation: null,
    resumedUnits: 0,
    ...rest,
    policy,
    instruments,
    timings: watch.times,
  })
  const verification = deps.verifier.begin()
  try {
    const archived = mode === 'run' ? await loadArchived(deps, config) : { ok: true as const, archived: NO_DATA }
    if (!archived.ok) return end(refusalCore(archived.refusal), {})
    const untiered = mode === 'run' ? findUntiered(config, instruments) : null
    if (untiered !== null) return end(untiered, {})
    watch.mark('candlesLoaded')
    const image = await deps.image()
    const run: LiveRun = {
      deps,
      request,
      policy,
      instruments,
      archived: archived.archived,
      verification,
      watch,
      frames: createFrameWriter(),
      image,
      data: null,
      attestation: null,
      resumedUnits: 0,
      fed: false,
    }
    const { end: exit, gone } = await runCell(run)
    const { data, attestation, resumedUnits } = run
    const known = { exit, data, image, attestation, resumedUnits }
    if (exit.cause !== null) {
      await gone
      return end(exit.cause, known)
    }
    request.onAnswered?.()
    const verdict = await verifyUnlessAborted(verification, exit.stdout, request.signal)
    if (request.keptUntil === undefined) await gone
    watch.mark('verified')
    const inspection = verdict.type === 'claimed' ? verdict.inspection : null
    if (verdict.type !== 'verified' || verdict.run.proof === null || run.data === null)
      return end(outcomeOfVerdict(verdict, mode), { ...known, verdict, inspection })
    const { proof, refusal } = await proveRun(deps, {
      ...request,
      policy,
      image,
      instruments,
      data: run.data,
      plan: verdict.run.proof,
      onCell: request.onProofCell,
    })
    watch.mark('proved')
    return end(refusal ?? outcomeOfVerdict(verdict, mode), { ...known, verdict, proof })
  } finally {
    await verification.close()
  }
}
