import { runBacktest } from '../../orchestrator-service/jobs/run-backtest.ts'
import { parseConfig } from '../../src/protocol/parse-config.ts'
import { realShapedCandles } from './candles.ts'
import { type BenchContext, type BenchRow, median, rowOf, timed } from './harness.ts'
import { USER_SMA } from './user-sma.ts'

const SYMBOLS = Array.from({ length: 50 }, (_, i) => `L${String(i).padStart(2, '0')}`)
const ROWS = 1_000_000
const CANDLE_BYTES = SYMBOLS.length * ROWS * 6 * 8
const ALLOWED_BYTES = CANDLE_BYTES + 512 * 2 ** 20
const ALLOWED_MS = 40_000
/** Bars between the beginnings of two symbols in the month that all are made of, so that no two trade alike. */
const SHIFT = 797
/** Each takes most of a minute. */
const RUNS = 3

const PARSED = parseConfig({
  symbols: SYMBOLS,
  interval: '1m',
  fee: 0.0004,
  slippage: 2,
  sizing: { builtin: 'percentOfEquity', params: { percent: 2 } },
  capacity: { builtin: 'maxPositions', params: { max: SYMBOLS.length } },
  strategy: { module: 'main.js', params: { fast: 50, slow: 200, tpPct: 0.8, slPct: 0.4 } },
  files: { 'main.js': USER_SMA },
  options: { policy: 'trusted', workers: 2 },
})

/** 50 symbols of a million generated minute bars: from the archive to the verified result, and the most that the cell held. */
export async function benchLarge(context: BenchContext): Promise<BenchRow[]> {
  const { deps } = context
  for (const [i, symbol] of SYMBOLS.entries())
    await deps.archive.write('spot', realShapedCandles(symbol, ROWS, i * SHIFT))
  const walls: number[] = []
  const peaks: number[] = []
  for (let run = 0; run < RUNS; run += 1) {
    let peak = 0
    const wall = await timed(async () => {
      const end = await runBacktest(deps, { job: 'bench', mode: 'run', ...PARSED })
      if (end.verdict?.type !== 'verified')
        throw new Error(`The run ended with ${end.outcome.kind}: ${end.outcome.message}`)
      const { timings, usage } = end.verdict.claims
      peak = usage.peakMemoryBytes ?? Number.NaN
      context.log(
        `${JSON.stringify(end.verdict.run.analysis.summary.counts)} ${JSON.stringify({ ...timings, units: undefined })}`,
      )
      context.log(`cell ${JSON.stringify(usage)}, verification ${JSON.stringify(end.verdict.run.cpu)}`)
    })
    context.log(`run ${run + 1}: ${Math.round(wall)} ms, ${Math.round(peak / 2 ** 20)} MiB`)
    walls.push(wall)
    peaks.push(peak)
  }
  const against = (name: string, unit: string, a: number, b: number, baselineName: string): BenchRow =>
    rowOf({ name, unit, baselineName, goal: '<= 1', measured: { a, b, ratio: a / b } })
  const mib = 2 ** 20
  return [
    against("50 symbols x 1 M bars, a user's decide, 2 workers", 'ms', median(walls), ALLOWED_MS, 'what is promised'),
    against(
      'peak memory of its cell',
      'MiB',
      median(peaks) / mib,
      ALLOWED_BYTES / mib,
      'candle bytes + 512 MiB: what is promised',
    ),
  ]
}
