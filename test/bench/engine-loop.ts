import { fileURLToPath } from 'node:url'
import { runBacktest, type RunEnd } from '../../orchestrator-service/jobs/run-backtest.ts'
import { createFrameWriter, buildHeader } from '../../orchestrator-service/jobs/job-frames.ts'
import { connectEngine } from '../../orchestrator-service/sandbox/docker-client.ts'
import type { CandleSeries } from '../../src/candles/series.ts'
import { encodeHeaderFrame, encodeSeriesFrame } from '../../src/protocol/frames.ts'
import { parseConfig } from '../../src/protocol/parse-config.ts'
import { ensureTestImage } from '../support/test-image.ts'
import { realShapedCandles } from './candles.ts'
import { type BenchContext, type BenchRow, median, rowOf } from './harness.ts'
import { USER_INDICATORS, USER_SMA } from './user-sma.ts'

const ROWS = 1_000_000
/** Two cores, so that what V8 compiles beside the program is not taken from it; the same for the loop. */
const COMMON = { symbols: ['LOOP'], interval: '1m', fee: 0.0004, slippage: 2, options: { policy: 'trusted' } }
const PARAMS = { fast: 50, slow: 200 }
/** In percent; about half of the trades end at one of them. */
const BRACKET = { tpPct: 0.8, slPct: 0.4 }
const BUILTIN = parseConfig({ ...COMMON, strategy: { builtin: 'SmaCrossover', params: PARAMS } })
const userConfig = (source: string) =>
  parseConfig({
    ...COMMON,
    strategy: { module: 'main.js', params: { ...PARAMS, ...BRACKET } },
    files: { 'main.js': source },
  })
const USER = userConfig(USER_SMA)
const INDICATORS = userConfig(USER_INDICATORS)

interface LoopReport {
  readonly ms: number
  readonly fills: number
  readonly finalEquity: number
}

/** The hand-written loop in a sealed cell of its own: same policy, same candles, as cold as the engine is. */
async function runBaseline(
  context: BenchContext,
  image: string,
  { candles, parsed }: { candles: CandleSeries; parsed: ReturnType<typeof parseConfig> },
): Promise<LoopReport> {
  const { deps } = context
  const policy = deps.policies.get('trusted')!
  const cell = await deps.startCell(policy, image, { onEvent() {} })
  const frames = createFrameWriter()
  await cell.attested
  await cell.send(frames.add(encodeHeaderFrame(buildHeader({ job: 'bench', mode: 'run', ...parsed }, policy, [null]))))
  await cell.send(frames.add(encodeSeriesFrame(candles, 'base')))
  await cell.send(frames.end())
  await cell.endInput()
  const exit = await cell.finished
  if (exit.cause !== null) throw new Error(`The baseline cell ended with ${exit.cause.message}`)
  return JSON.parse(Buffer.from(exit.stdout).toString('utf8')) as LoopReport
}

function checkedTimings(end: RunEnd): { ms: number; verifyMs: number; cellCpuMs: number; end: RunEnd } {
  if (end.verdict?.type !== 'verified' || end.verdict.claims.timings === null)
    throw new Error(`The run ended with ${end.outcome.kind}: ${end.outcome.message}`)
  const { timings, usage } = end.verdict.claims
  return {
    ms: timings.decideMs + timings.executeMs,
    verifyMs: end.verdict.run.cpu.verifyMs,
    cellCpuMs: usage.cpuNanos / 1e6,
    end,
  }
}

/** Phase 1 and phase 2 inside the cell against the loop, and the verification against the cell's CPU time. */
export async function benchEngineLoop(context: BenchContext): Promise<BenchRow[]> {
  const { deps } = context
  const candles = realShapedCandles('LOOP', ROWS)
  await deps.archive.write('spot', candles)
  const entry = fileURLToPath(new URL('cell-loop.ts', import.meta.url))
  const { ref } = await ensureTestImage(connectEngine().docker, { entry })
  const samples: Record<'loop' | 'bracketLoop' | 'builtin' | 'user' | 'indicators' | 'verify' | 'cpu', number[]> = {
    loop: [],
    bracketLoop: [],
    builtin: [],
    user: [],
    indicators: [],
    verify: [],
    cpu: [],
  }
  for (let round = 0; round <= context.rounds; round += 1) {
    const loop = await runBaseline(context, ref, { candles, parsed: BUILTIN })
    const builtin = checkedTimings(await runBacktest(deps, { job: 'bench', mode: 'run', ...BUILTIN }))
    const bracketLoop = await runBaseline(context, ref, { candles, parsed: USER })
    const user = checkedTimings(await runBacktest(deps, { job: 'bench', mode: 'run', ...USER }))
    const indicators = checkedTimings(await runBacktest(deps, { job: 'bench', mode: 'run', ...INDICATORS }))
    compareWork(loop, builtin.end)
    compareWork(bracketLoop, user.end, indicators.end)
    if (round === 0) continue
    samples.loop.push(loop.ms)
    samples.bracketLoop.push(bracketLoop.ms)
    samples.builtin.push(builtin.ms)
    samples.user.push(user.ms)
    samples.indicators.push(indicators.ms)
    samples.verify.push(user.verifyMs)
    samples.cpu.push(user.cellCpuMs)
  }
  const speed = (name: string, of: 'builtin' | 'user' | 'indicators', goal: string): BenchRow => {
    const [ms, loop] = [median(samples[of]), median(of === 'builtin' ? samples.loop : samples.bracketLoop)]
    return rowOf({
      name,
      unit: 'ms',
      baselineName: `hand-written Float64Array loop in a sealed cell, ${of === 'builtin' ? 'no bracket set' : 'same brackets'}`,
      goal,
      measured: { a: ms, b: loop, ratio: loop / ms },
    })
  }
  const [verify, cpu] = [median(samples.verify), median(samples.cpu)]
  return [
    speed('engine loop, 1 M bars, built-in', 'builtin', '>= 0.4'),
    speed("engine loop, 1 M bars, a user's decide with brackets", 'user', '>= 0.2'),
    speed("engine loop, 1 M bars, a user's decide with brackets and two indicators", 'indicators', '>= 0.2'),
    rowOf({
      name: 'verification of the 1 M bar decide run',
      unit: 'CPU ms',
      baselineName: "the cell's cgroup CPU time",
      goal: '<= 0.5',
      measured: { a: verify, b: cpu, ratio: verify / cpu },
    }),
  ]
}

/** The comparison is worth nothing unless all of them traded alike. */
function compareWork(loop: LoopReport, ...ends: RunEnd[]): void {
  for (const end of ends) {
    if (end.verdict?.type !== 'verified') throw new Error('Invariant: only verified runs are compared')
    const { finalEquity, counts } = end.verdict.run.analysis.summary
    const equal = Math.abs(finalEquity - loop.finalEquity) <= 1e-9 * loop.finalEquity && counts.fills === loop.fills
    if (!equal)
      throw new Error(
        `The engine did other work than the loop: ${counts.fills} fills and ${finalEquity}, expected ${loop.fills} and ${loop.finalEquity}`,
      )
  }
}
