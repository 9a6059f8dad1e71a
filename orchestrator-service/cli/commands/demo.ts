import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createCandleArchive } from '../../candles/archive.ts'
import { writeSampleCandles } from '../../candles/sample-data.ts'
import { buildRawConfig } from '../build-config.ts'
import type { CommandContext } from '../context.ts'
import { runConfigured } from './run.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** The main job on generated candles, in a data directory of its own inside the clone. */
export async function demo({ io, config }: CommandContext): Promise<number> {
  const dataDir = join(ROOT, '.demo')
  await mkdir(dataDir, { recursive: true })
  const sample = await writeSampleCandles(createCandleArchive(dataDir))
  const strategy = join(ROOT, 'examples', 'breakout.ts')
  io.err(
    `Sample candles: ${sample.symbols.join(', ')}, ${sample.interval}, ${sample.days} days, synthetic (generated, seed ${sample.seed})`,
  )
  io.err('Strategy: examples/breakout.ts, untrusted TypeScript; it runs only inside the sealed container')
  const raw = await buildRawConfig(strategy, {
    symbols: sample.symbols.join(','),
    interval: sample.interval,
    slippage: '2',
    cache: false,
  })
  const code = await runConfigured({ io, config: { ...config, dataDir, url: null, key: null } }, raw, {})
  if (code === 0)
    io.err(
      'Your own:  npx hotcell new my-strategy && npx hotcell candles import SYMBOL-1h.csv && npx hotcell run my-strategy.ts --symbols SYMBOL --interval 1h',
    )
  return code
}
