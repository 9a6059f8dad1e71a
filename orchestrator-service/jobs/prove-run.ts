import { lowerBound } from '../../src/backtest/window.ts'
import { sliceSeries } from '../../src/candles/series.ts'
import { slotOpen } from '../../src/candles/interval.ts'
import type { Instrument } from '../../src/instruments/instrument.ts'
import type { CellEvent } from '../../src/protocol/events.ts'
import {
  encodeHeaderFrame,
  encodeQuestionsFrame,
  encodeSeriesFrame,
  encodeSliceFrame,
} from '../../src/protocol/frames.ts'
import type { Proof } from '../../src/protocol/result.ts'
import type { RunConfig, RunOptions } from '../../src/protocol/run-config.ts'
import { findChainDifference } from '../../src/verification/decision-chain.ts'
import { excludedLeakRate } from '../../src/verification/proof-cuts.ts'
import type { RunDeps, RunnerImage } from '../deps.ts'
import { parseRunnerResult } from '../results/verify/parse-runner-result.ts'
import type { AskedBatch, ProofPlan } from '../results/verify/plan-proof.ts'
import type { Cell } from '../sandbox/cell-handle.ts'
import type { CellCause, CellEnd } from '../sandbox/exit.ts'
import type { SandboxPolicy } from '../sandbox/policy.ts'
import type { RunData } from './collect-candles.ts'
import { buildHeader, createFrameWriter, type FrameWriter } from './job-frames.ts'
import type { OutcomeCore } from './run-outcome.ts'

/**
 * Theory of operation. The look-ahead proof (V4): a fresh cell gets the same header, and then only the rows of bars that
 * closed up to the first cut. Not before it has said what it decided up to there does it get the next slice, so whatever it
 * says at a cut was made without the rows behind it. Where it differs from the run, the run has used what it could not know.
 */

export interface ProofRequest extends PlannedProof {
  readonly plan: ProofPlan
}

interface PlannedProof {
  readonly job: string
  readonly attempt?: number
  readonly config: RunConfig
  readonly options: RunOptions
  readonly policy: SandboxPolicy
  readonly image: RunnerImage
  /** Of the symbols of the configuration, in their order. */
  readonly instruments: readonly (Instrument | null)[]
  readonly data: RunData
  readonly signal?: AbortSignal
  /** Awaited before the first byte on stdin. A rejection ends the cell. */
  readonly onCell: ((cell: Cell, policy: SandboxPolicy, image: RunnerImage) => Promise<void>) | undefined
}

/** How a proof ended: a certificate; an outcome that the run gets instead of `ok`; or both. */
export interface ProofEnd {
  readonly proof: Proof | null
  readonly refusal: OutcomeCore | null
}

type Commit = Extract<CellEvent, { type: 'commit' }>
type Accepted = Extract<CellEvent, { type: 'accepted' }>

/** Events of the cell that somebody waits for, in their order; null from its end on. */
class Answers {
  readonly #come: (Commit | Accepted)[] = []
  #isOver = false
  #wake: (() => void) | null = null

  take(event: Commit | Accepted): void {
    this.#come.push(event)
    this.#wake?.()
  }

  close(): void {
    this.#isOver = true
    this.#wake?.()
  }

  async next(): Promise<Commit | Accepted | null> {
    while (this.#come.length === 0 && !this.#isOver) {
      const woken = Promise.withResolvers<void>()
      this.#wake = woken.resolve
      await woken.promise
    }
    return this.#come.shift() ?? null
  }
}

/** Proves a verified run, or refutes it. @throws engine_unavailable, engine_timeout */
export async function proveRun(
  deps: Pick<RunDeps, 'startCell'>,
  request: PlannedProof & { readonly plan: ProofPlan | 'too_large' },
): Promise<ProofEnd> {
  const { plan } = request
  if (plan !== 'too_large') return await proveBy(deps, { ...request, plan })
  const message = 'The look-ahead proof was not made: the questions to code of the user are over 32 MiB'
  return { proof: null, refusal: { kind: 'limit_exceeded', reason: 'verification', message } }
}

async function proveBy(deps: Pick<RunDeps, 'startCell'>, request: ProofRequest): Promise<ProofEnd> {
  const answers = new Answers()
  const cell = await deps.startCell(request.policy, request.image.ref, {
    onEvent(event) {
      if (event.type === 'commit' || event.type === 'accepted') answers.take(event)
    },
    // What the strategy logs it has logged in the run already
    onLog: () => {},
  })
  const abort = (): void => cell.kill({ kind: 'cancelled', reason: null, message: 'Cancelled' })
  request.signal?.addEventListener('abort', abort)
  if (request.signal?.aborted === true) abort()
  try {
    const claimed = request.onCell?.(cell, request.policy, request.image)
    claimed?.catch(() => {})
    const examined = examine(request, { cell, answers, claimed }).catch((error: Error) => {
      cell.kill({ kind: 'platform_error', reason: 'infra', message: `Cannot feed the cell: ${error.message}` })
      return null
    })
    const end = await cell.ended
    answers.close()
    const found = await examined
    await cell.finished
    if (found !== null) return found
    return { proof: null, refusal: causeOf(end.cause) }
  } finally {
    request.signal?.removeEventListener('abort', abort)
  }
}

/** Why there is no certificate although nothing was refuted. */
function causeOf(cause: CellCause | null): OutcomeCore {
  if (cause !== null && (cause.kind === 'cancelled' || cause.kind === 'platform_error')) return cause
  const state = cause === null ? 'its cell ended early' : cause.message
  return { kind: 'limit_exceeded', reason: 'verification', message: `The look-ahead proof was not finished: ${state}` }
}

interface Dialogue {
  readonly cell: Cell
  readonly answers: Answers
  readonly claimed: Promise<void> | undefined
}

/** Null: the cell ended before its last answer. */
async function examine(request: ProofRequest, { cell, answers, claimed }: Dialogue): Promise<ProofEnd | null> {
  const { data, plan } = request
  await cell.attested
  await claimed
  const frames = createFrameWriter()
  await cell.send(frames.add(encodeHeaderFrame(headerOf(request))))
  const accepted = await answers.next()
  if (accepted === null) return null
  if (accepted.type !== 'accepted' || accepted.lookback !== data.lookback || !sameSymbols(accepted, data)) {
    return protocolEnd(cell, 'The cell asks for other rows than in the run')
  }
  const cursor = new Uint32Array(data.series.length)
  for (const [at, slot] of plan.slots.entries()) {
    await sendSlice({ cell, frames, data, cursor }, slot)
    const commit = await answers.next()
    if (commit === null) return differsByItsEnd(request, at, await cell.ended)
    const time = slotOpen(request.config.interval, data.window.firstSlot + slot)
    if (commit.type !== 'commit' || commit.time !== time) return protocolEnd(cell, 'The cell answers out of turn')
    const row = findChainDifference(plan.links[at]!, commit)
    if (row !== null) return refuted(request, { cell, at, row, what: 'decision' })
    const ended = await askQuestions(request, { cell, answers, frames, at, time })
    if (ended !== 'answered') return ended
  }
  await cell.send(frames.end())
  await cell.endInput()
  return { proof: certificate(request, null), refusal: null }
}

/** What code of the user is asked in phase 2 up to a cut, by the host's own replay; it must answer as in the run. */
async function askQuestions(
  request: ProofRequest,
  { cell, answers, frames, at, time }: Omit<Dialogue, 'claimed'> & { frames: FrameWriter; at: number; time: number },
): Promise<ProofEnd | null | 'answered'> {
  const batches = request.plan.asks[at]!
  for (const [index, { questions, link }] of batches.entries()) {
    await cell.send(frames.add(encodeQuestionsFrame(questions)))
    const commit = await answers.next()
    if (commit === null) return differsByItsEnd(request, at, await cell.ended)
    if (commit.type !== 'commit' || commit.time !== time) return protocolEnd(cell, 'The cell answers out of turn')
    const row = findChainDifference(link, commit)
    if (row === null) continue
    return refuted(request, { cell, at, ...placeOf(batches, index, row) })
  }
  return 'answered'
}

function headerOf(request: ProofRequest): ReturnType<typeof buildHeader> {
  const { window } = request.data
  const config = { ...request.config, start: window.start, end: window.end }
  return buildHeader({ ...request, mode: 'proof', config }, request.policy, request.instruments)
}

function sameSymbols(accepted: Accepted, data: RunData): boolean {
  const symbols = data.series.map((series) => series.symbol)
  return accepted.symbols.length === symbols.length && accepted.symbols.every((symbol, i) => symbol === symbols[i])
}

/** The rows of all bars that closed since the last slice, and the mark behind them. */
async function sendSlice(
  to: { cell: Cell; frames: FrameWriter; data: RunData; cursor: Uint32Array },
  slot: number,
): Promise<void> {
  const { cell, frames, data, cursor } = to
  const chunks: Uint8Array[] = []
  const { interval } = data.series[0]!
  const end = slotOpen(interval, data.window.firstSlot + slot)
  for (const [at, series] of data.series.entries()) {
    const from = cursor[at]!
    // Rows that open before `end`: bars lie on the grid, so these have closed by then
    const to = lowerBound(series.time, series.rows, end)
    if (to === from) continue
    cursor[at] = to
    chunks.push(...frames.add(encodeSeriesFrame(sliceSeries(series, from, to), 'base')))
  }
  chunks.push(...frames.add(encodeSliceFrame(end)))
  await cell.send(chunks)
}

function protocolEnd(cell: Cell, message: string): null {
  cell.kill({ kind: 'platform_error', reason: 'protocol', message })
  return null
}

/** A strategy that ends a prefix of the same bars in another way than the run reads what is behind it. */
function differsByItsEnd(request: ProofRequest, at: number, end: CellEnd): ProofEnd | null {
  if (end.cause !== null) return null
  const parsed = parseRunnerResult(end.stdout)
  if (!parsed.ok || parsed.result.outcome.kind !== 'strategy_error') return null
  return refusedAt(request, { at, row: 0, what: 'decision' }, `it fails there: ${parsed.result.outcome.message}`)
}

interface Place {
  readonly at: number
  readonly row: number
  readonly what: 'decision' | 'answer'
}

/** Decisions of onBar, or answers of ports. */
function countMade(batches: readonly Pick<AskedBatch, 'made'>[], what: Place['what']): number {
  const all = batches.flatMap(({ made }) => made)
  if (what === 'answer') return all.filter((made) => made === null).length
  return all.reduce<number>((sum, made) => sum + (made ?? 0), 0)
}

/** Of the question `row` of a batch: what it answers, counted from the first batch on. */
function placeOf(batches: readonly AskedBatch[], index: number, row: number): Pick<Place, 'what' | 'row'> {
  const { made } = batches[index]!
  const what = (made[Math.min(row, made.length - 1)] ?? null) === null ? 'answer' : 'decision'
  return { what, row: countMade([...batches.slice(0, index), { made: made.slice(0, row) }], what) }
}

function refuted(request: ProofRequest, place: Place & { cell: Cell }): ProofEnd {
  const does = place.what === 'decision' ? 'decides' : 'answers'
  const end = refusedAt(request, place, `it ${does} otherwise when the bars behind it are not there`)
  place.cell.kill({ kind: 'tampered', reason: 'lookahead', message: end.refusal!.message })
  return end
}

function refusedAt(request: ProofRequest, { at, row, what }: Place, state: string): ProofEnd {
  const { plan, data, config } = request
  const asked = plan.asks.slice(0, at).flat()
  const linked = plan.links.slice(0, at).reduce((sum, link) => sum + link.rows, 0)
  const before = what === 'decision' ? linked + countMade(asked, what) : countMade(asked, what)
  const time = slotOpen(config.interval, data.window.firstSlot + plan.slots[at]!)
  const all = what === 'decision' ? plan.decisions : plan.answers
  const place = `at ${new Date(time).toISOString()} (${what} ${before + row + 1} of ${all})`
  return {
    proof: certificate(request, { cut: time, row: before + row, what }),
    refusal: { kind: 'tampered', reason: 'lookahead', message: `The strategy looks ahead: ${place} ${state}` },
  }
}

function certificate({ plan }: ProofRequest, refutation: Proof['refuted']): Proof {
  const { slots, decisions, covered, answers, coveredAnswers, seed } = plan
  return {
    verdict: refutation === null ? 'proved' : 'refuted',
    cuts: slots.length,
    decisions,
    covered,
    answers,
    coveredAnswers,
    excludedLeakRate: refutation === null ? excludedLeakRate(covered + coveredAnswers) : null,
    seed,
    refuted: refutation,
  }
}
