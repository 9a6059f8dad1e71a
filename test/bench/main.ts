import { parseArgs } from 'node:util'
import { benchApi } from './api.ts'
import { benchCancel } from './cancel.ts'
import { benchCandleLoad } from './candle-load.ts'
import { benchColdJob } from './cold-job.ts'
import { benchEngineLoop } from './engine-loop.ts'
import { type BenchContext, type BenchRow, openBench } from './harness.ts'
import { benchFlat } from './flat.ts'
import { benchIndicators } from './indicators.ts'
import { benchLarge } from './large.ts'
import { benchPeers } from './peers.ts'
import { benchService } from './service.ts'
import { benchStore } from './store.ts'
import { benchThroughput } from './throughput.ts'
import { benchWarm } from './warm.ts'
import { benchWorkers } from './workers.ts'

const BENCHES: Readonly<Record<string, (context: BenchContext) => Promise<BenchRow[]>>> = {
  api: benchApi,
  cancel: benchCancel,
  cold: benchColdJob,
  engine: benchEngineLoop,
  indicators: benchIndicators,
  load: benchCandleLoad,
  service: benchService,
  store: benchStore,
  throughput: benchThroughput,
  warm: benchWarm,
  workers: benchWorkers,
}

/** Those that take minutes and gigabytes, or other programs: only run where `--only` names them. */
const BY_HAND: Readonly<Record<string, (context: BenchContext) => Promise<BenchRow[]>>> = {
  flat: benchFlat,
  large: benchLarge,
  peers: benchPeers,
}

function printTable(rows: readonly BenchRow[]): void {
  const cells = rows.map((row) => [
    row.met ? 'met' : 'MISSED',
    row.ratio.toFixed(2),
    row.goal,
    row.name,
    `${row.value.toFixed(1)} ${row.unit}`,
    `${row.baseline.toFixed(1)} (${row.baselineName})`,
  ])
  const table = [['', 'ratio', 'goal', 'what', 'median', 'baseline'], ...cells]
  const widths = table[0]!.map((_, column) => Math.max(...table.map((line) => line[column]!.length)))
  for (const line of table)
    process.stdout.write(
      `${line
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd()}\n`,
    )
}

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string' },
    /** The same as `--only peers`. */
    peers: { type: 'boolean', default: false },
  },
})
const log = (text: string): void => void process.stderr.write(`${text}\n`)
await using context = await openBench(Math.max(5, Number(values.rounds)), log)
const rows: BenchRow[] = []
const chosen = values.peers ? ['peers'] : (values.only?.split(',') ?? Object.keys(BENCHES))
for (const [name, bench] of Object.entries({ ...BENCHES, ...BY_HAND })) {
  if (!chosen.includes(name)) continue
  log(`bench ${name}: ${context.rounds} rounds and one that does not count`)
  rows.push(...(await bench(context)))
}
if (values.json) process.stdout.write(`${JSON.stringify(rows)}\n`)
else if (rows.length > 0) printTable(rows)
// Where nothing was measured no goal is met
process.exitCode = rows.length > 0 && rows.every((row) => row.met) ? 0 : 1
