import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCheckpoints } from '../../orchestrator-service/jobs/checkpoints.ts'
import { runBacktest, type RunEnd, type RunRequest } from '../../orchestrator-service/jobs/run-backtest.ts'
import { createCheckpointFile } from '../../orchestrator-service/results/checkpoint-file.ts'
import { connectEngine } from '../../orchestrator-service/sandbox/docker-client.ts'
import { parseConfig } from '../../src/protocol/parse-config.ts'
import { makePerpetual } from './sample-perpetual.ts'
import { makeWalk } from './sample-series.ts'
import { openTestApp, SYMBOL } from './service.ts'
import { tamperingSources } from './tampering-sources.ts'
import { ensureTestImage } from './test-image.ts'

export interface TamperingBench extends AsyncDisposable {
  /** The whole pipeline of the product with the manipulated runner; `edit`: what it does, left out: nothing. */
  run(options: TamperedRun): Promise<RunEnd>
  /** Two attempts of one job; the second one gets what the first one has sent of its finished units. */
  runTwice(options: TamperedRun): Promise<[RunEnd, RunEnd]>
}

interface TamperedRun {
  readonly market: 'spot' | 'perpetual'
  readonly edit?: string
  readonly proof?: boolean
  /** Whether code of the user says how large orders are. */
  readonly sized?: boolean
}

const CODE = `import { BaseStrategy } from 'hotcell'
export default class Made extends BaseStrategy {
  decide({ candles, index, args }) {
    const close = candles.close[index]
    if (index % 40 === 30) return { signal: 'BUY', ...(args.stop ? { slPct: 1 } : {}) }
    if (index % 40 === 31) return { signal: 'BUY' }
    if (index % 40 === 37) return { signal: 'SELL' }
    if (index % 40 === 38) return { signal: 'BUY', entryPrice: close * 0.985 }
    return null
  }
}
export function size(meta, action, view) { return (view.equity * 0.2) / meta.close }
`

const MARKETS = {
  spot: { market: 'spot', args: { stop: true } },
  // Without a stop, so that it lives long enough to pay funding and to be liquidated
  perpetual: {
    market: 'perpetual',
    args: { stop: false },
    perpetual: { leverage: 50, funding: { everyHours: 1, rate: 0.0001 } },
  },
} as const

export async function openTamperingBench(): Promise<TamperingBench> {
  const dataDir = await mkdtemp(join(tmpdir(), 'hotcell-tampering-'))
  const app = await openTestApp(dataDir)
  const candles = makeWalk({ symbol: SYMBOL, rows: 400 })
  await app.archive.write('spot', candles)
  await app.archive.write('perpetual', candles)
  await app.instruments.write({ version: 'test', instruments: [makePerpetual(SYMBOL)] })
  const { docker } = connectEngine()
  const { ref } = await ensureTestImage(docker, { entry: 'runner', sources: tamperingSources() })
  const deps = { ...app.deps, image: () => Promise.resolve({ ref, id: ref, digest: ref }) }
  const run = async (
    { market, edit, proof = false, sized = false }: TamperedRun,
    attempt: Pick<RunRequest, 'attempt' | 'checkpoints'> = {},
  ): Promise<RunEnd> => {
    const { args, ...config } = MARKETS[market]
    const parsed = parseConfig({
      strategy: { module: 'made.js' },
      files: { 'made.js': CODE },
      symbols: [SYMBOL],
      interval: '1h',
      ...config,
      ...(sized ? { sizing: { module: 'made.js', function: 'size' } } : {}),
      args: edit === undefined ? args : { ...args, edit },
      options: { proof },
    })
    return await runBacktest(deps, { job: 'tampering', mode: 'run', ...parsed, ...attempt })
  }
  const runAttempt = async (options: TamperedRun, attempt: number): Promise<RunEnd> => {
    const capBytes = 2 ** 20
    const file = createCheckpointFile(join(dataDir, 'checkpoints'), capBytes)
    const checkpoints = createCheckpoints({ file, attempt, capBytes, warn: () => {} })
    try {
      return await run(options, { attempt, checkpoints })
    } finally {
      await checkpoints.close()
    }
  }
  return {
    run,
    async runTwice(options) {
      await rm(join(dataDir, 'checkpoints'), { force: true })
      return [await runAttempt(options, 1), await runAttempt(options, 2)]
    },
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]()
      await docker.getImage(ref).remove()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
