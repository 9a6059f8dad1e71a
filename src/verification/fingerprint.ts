import { encodeAnswerLog, NO_ANSWERS, type AnswerLog } from '../backtest/answer-log.ts'
import type { Instrument } from '../instruments/instrument.ts'
import type { CreateHasher, Hasher } from '../math/hasher.ts'
import { canonicalJson } from '../protocol/canonical-json.ts'
import type { RunConfig } from '../protocol/run-config.ts'
import type { SeriesIdentity } from './describe-series.ts'

/** Version of the way in which the fingerprint is computed. */
const FORMAT = 'hotcell-fingerprint/1'

const encoder = new TextEncoder()

/** Length-prefixed, so that no two lists of parts give the same bytes. */
function addPart(hasher: Hasher, part: string | Uint8Array): void {
  const bytes = typeof part === 'string' ? encoder.encode(part) : part
  const length = new Uint8Array(8)
  new DataView(length.buffer).setBigUint64(0, BigInt(bytes.length), true)
  hasher.update(length)
  hasher.update(bytes)
}

/** sha256 of everything that decides what a run means (X1, `inputs`). Options, limits, image and clock are not in it. */
export function hashInputs(options: {
  config: RunConfig
  ruleSet: string
  series: readonly (SeriesIdentity | SeriesIdentity<'benchmark'>)[]
  instruments: readonly (Instrument | null)[]
  createHasher: CreateHasher
}): string {
  const { config, ruleSet, series, instruments, createHasher } = options
  const hasher = createHasher()
  const { files, seed, ...rest } = config
  addPart(hasher, FORMAT)
  addPart(hasher, ruleSet)
  addPart(hasher, config.profile)
  addPart(hasher, canonicalJson(rest))
  addPart(hasher, String(files.length))
  for (const file of files) {
    addPart(hasher, file.path)
    addPart(hasher, file.source)
  }
  addPart(hasher, seed)
  addPart(hasher, String(series.length))
  for (const { symbol, interval, kind, range, rows, sha256 } of series) {
    addPart(hasher, canonicalJson({ symbol, interval, kind, range, rows, sha256 }))
  }
  addPart(hasher, canonicalJson(instruments))
  return hasher.digestHex()
}

/** sha256 of what a run came to (X1, `outcome`): record stream, equity at each close (canonical Float64), policy answers. */
export function hashOutcome(options: {
  records: Uint8Array
  equity: Float64Array
  answers?: AnswerLog
  createHasher: CreateHasher
}): string {
  const { answers = NO_ANSWERS } = options
  const hasher = options.createHasher()
  const { equity } = options
  addPart(hasher, options.records)
  addPart(hasher, new Uint8Array(equity.buffer, equity.byteOffset, equity.byteLength))
  addPart(hasher, answers.ports.length === 0 ? '' : canonicalJson(encodeAnswerLog(answers)))
  return hasher.digestHex()
}

/** The fingerprint of a run (X1). */
export function fingerprintOf(inputs: string, outcome: string, createHasher: CreateHasher): string {
  const hasher = createHasher()
  addPart(hasher, inputs)
  addPart(hasher, outcome)
  return hasher.digestHex()
}

/** What two runs must have in common for one to stand for the other: the same inputs (X1), computed by the same release of the engine. */
export function cacheKeyOf(inputs: string, engine: string, createHasher: CreateHasher): string {
  const hasher = createHasher()
  addPart(hasher, inputs)
  addPart(hasher, engine)
  return hasher.digestHex()
}
