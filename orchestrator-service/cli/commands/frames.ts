import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
import { PlatformError } from '../../../src/errors.ts'
import { encodeHeaderFrame } from '../../../src/protocol/frames.ts'
import { parseConfig } from '../../../src/protocol/parse-config.ts'
import { createStores } from '../../deps.ts'
import { cutToRun, loadArchived } from '../../jobs/collect-candles.ts'
import { buildHeader, createFrameWriter, seriesFrames } from '../../jobs/job-frames.ts'
import { loadPolicies } from '../../sandbox/policy.ts'
import { buildRawConfig, type RunFlags } from '../build-config.ts'
import type { CommandContext } from '../context.ts'

/** Writes the bytes that a cell gets on stdin, so that a run can be made by hand: `docker run -i IMAGE < frames`. */
export async function writeFrames(
  { config: { dataDir }, io }: CommandContext,
  target: string | undefined,
  flags: RunFlags & { out: string; lookback?: string },
): Promise<number> {
  const { config, options } = parseConfig(await buildRawConfig(target, flags))
  const policy = loadPolicies().get(options.policy)
  if (policy === undefined) throw new PlatformError('usage', `Cannot write frames: "${options.policy}" is not a policy`)
  const lookback = Number(flags.lookback ?? '0')
  if (!Number.isInteger(lookback) || lookback < 0)
    throw new PlatformError('usage', `Cannot read --lookback "${flags.lookback}": expected a whole number`)
  const stores = createStores({ dataDir })
  const { instruments } = stores
  const archived = await loadArchived(stores, config)
  if (!archived.ok)
    throw new PlatformError('data_unavailable', archived.refusal.message, { hint: archived.refusal.hint })
  const found = await instruments.findAll(config.market, config.symbols)
  const cut = cutToRun(config, { ...archived.archived, instruments: found }, lookback)
  if (!cut.ok) throw new PlatformError('data_unavailable', cut.refusal.message, { hint: cut.refusal.hint })
  const header = buildHeader({ job: 'by-hand', mode: 'run', config, options }, policy, found)
  const frames = createFrameWriter()
  const chunks = [
    frames.add(encodeHeaderFrame(header)),
    ...[...seriesFrames(cut.data)].map((one) => frames.add(one)),
    frames.end(),
  ]
  const bytes = chunks.flat().reduce((sum, chunk) => sum + chunk.byteLength, 0)
  if (flags.out === '-') {
    await pipeline(Readable.from(chunks.flat()), process.stdout, { end: false })
    return 0
  }
  await pipeline(Readable.from(chunks.flat()), createWriteStream(flags.out))
  if (io.json) io.out(JSON.stringify({ file: flags.out, bytes }))
  else io.out(`Wrote ${bytes} bytes to ${flags.out}`)
  return 0
}
