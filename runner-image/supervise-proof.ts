/**
 * Theory of operation. The look-ahead proof, seen from the cell: rows come in slices, and after each the decisions that are
 * due by then are answered with a link of their chain (V4). The host sends the next slice only after that, so nothing of
 * what is said was made with rows behind it. Each unit stays open in the thread that opened it.
 */
import { mergeDecisionLogs } from '../src/backtest/decision-codec.ts'
import type { DecisionLog } from '../src/backtest/decision-log.ts'
import { dueSlotsOf } from '../src/backtest/decision-slots.ts'
import { lowerBound, resolveWindow, type Window } from '../src/backtest/window.ts'
import type { CandleSeries } from '../src/candles/series.ts'
import type { Questions } from '../src/protocol/frames.ts'
import { chainOrder, createDecisionChain, type DecisionChain } from '../src/verification/decision-chain.ts'
import { claim } from './claims.ts'
import { writeEvent } from './event-writer.ts'
import { GrowingSeries } from './growing-series.ts'
import { createNodeHasher } from './node-hasher.ts'
import type { RunDocument, Stage } from './stage.ts'
import type { StdinReader } from './stdin-reader.ts'
import type { AggregateOpening, UnitTask } from './tasks/task.ts'

/** What a portfolio strategy decides it answers to questions. */
const NO_DECISIONS = mergeDecisionLogs([])

interface Proof {
  readonly stage: Stage
  readonly window: Window
  readonly series: readonly GrowingSeries[]
}

/** What the threads open with the first slice, and keep. */
interface Opening {
  readonly units: readonly UnitTask[]
  readonly aggregation: AggregateOpening
}

function protocolEnd(message: string): Error {
  return claim({ kind: 'platform_error', reason: 'protocol', message })
}

/** Answers slice after slice; the document says nothing but that all of them were answered. */
export async function superviseProof(stage: Stage, reader: StdinReader): Promise<RunDocument> {
  const { plan, monitor } = stage
  // The run has logged the same, and the cap of the stream is for what is answered here
  monitor.isQuiet = true
  const { interval, start, end } = stage.header.config
  const window = resolveWindow({ interval, start, end, lookback: plan.lookback, series: [] })
  if (window === null) throw protocolEnd('Cannot begin the proof: it needs start and end')
  const capacity = plan.lookback + window.endSlot - window.firstSlot
  const series = plan.symbols.map((symbol) => new GrowingSeries(symbol, interval, capacity))
  const chain = createDecisionChain(createNodeHasher)
  const proof: Proof = { stage, window, series }
  let isFirst = true
  let time = window.start
  for (let slice = reader.readSlice(); slice !== null; slice = reader.readSlice()) {
    if ('questions' in slice) {
      for (const answer of await answerAll(proof, slice.questions)) chain.addAnswer(answer)
      writeEvent({ type: 'commit', time, ...linkOf(chain) })
      continue
    }
    time = slice.time
    for (const part of slice.series) take(series, part)
    const decisions = plan.isPortfolio ? NO_DECISIONS : await decideSlice(proof, isFirst ? openingOf(proof) : null)
    isFirst = false
    const present = series.map((one) => one.present)
    const due = dueSlotsOf(decisions, { series: present, window })
    for (const row of chainOrder(decisions, due)) chain.add(decisions, row)
    writeEvent({ type: 'commit', time, ...linkOf(chain) })
  }
  return { members: '', bars: series.reduce((sum, one) => sum + one.rows, 0) }
}

function linkOf(chain: DecisionChain): { sha256: string; rows: number; digests: string[] } {
  const { sha256, rows, digests } = chain.cut()
  return { sha256, rows, digests: [...digests] }
}

function take(series: readonly GrowingSeries[], part: CandleSeries): void {
  const found = series.find((one) => one.whole.symbol === part.symbol)
  if (found === undefined || part.interval !== found.whole.interval || !found.append(part))
    throw protocolEnd(`Cannot take the rows of "${part.symbol}": not of this run, or too many`)
}

/** The decisions that have become due since the slice before. */
async function decideSlice({ stage, series }: Proof, opening: Opening | null): Promise<DecisionLog> {
  const { header, plan, pool, monitor } = stage
  const rows = series.map((one) => one.rows)
  const jobs = plan.units.map((names, unit) => {
    const ofUnit = names.map((name) => rows[plan.symbols.indexOf(name)]!)
    const task = { kind: 'prove', unit, opening: opening?.units[unit] ?? null, rows: ofUnit } as const
    return { task, size: 0, unit: '' }
  })
  const answers = await monitor.watch(pool.runPinned(jobs, header.workers))
  const decisions = mergeDecisionLogs(answers)
  if (!plan.aggregates) return decisions
  const task = { kind: 'proveAggregate', opening: opening?.aggregation ?? null, rows, decisions } as const
  const [answer] = await monitor.watch(pool.runPinned([{ task, size: 0, unit: '' }], 1))
  return answer!
}

/** What code of the user answers in phase 2; its realm stays open in the first thread. */
async function answerAll(proof: Proof, questions: Questions): Promise<readonly string[]> {
  const { header, plan, pool, monitor } = proof.stage
  const { config, limits } = header
  const unit = plan.isPortfolio ? openingOf(proof).units[0]! : null
  const rows = proof.series.map((one) => one.rows)
  const task = { kind: 'answer', opening: { config, limits, plan, unit }, rows, questions } as const
  const [answers] = await monitor.watch(pool.runPinned([{ task, size: 0, unit: '' }], 1))
  return answers!
}

/** All rows before the window come with the first slice. */
function openingOf({ stage, window, series }: Proof): Opening {
  const { header, plan } = stage
  const { limits } = header
  const config = { ...header.config, symbols: [...plan.symbols] }
  const firstInWindow = series.map(({ whole, rows }) => lowerBound(whole.time, rows, window.start))
  const units = plan.units.map((names, unit): UnitTask => {
    const symbols = names.map((name) => {
      const index = plan.symbols.indexOf(name)
      const instrument = header.instruments[header.config.symbols.indexOf(name)] ?? null
      return { index, instrument, series: series[index]!.whole, firstInWindow: firstInWindow[index]! }
    })
    return { kind: 'unit', unit, config, limits, plan, symbols, window }
  })
  return { units, aggregation: { config, limits, plan, series: series.map((one) => one.whole), firstInWindow } }
}
