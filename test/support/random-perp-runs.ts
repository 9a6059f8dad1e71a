import { createRandom, type Random } from './random.ts'
import { randomRun, type RandomRun } from './random-runs.ts'
import type { ReferenceDecision, ReferencePerpetual } from './reference-engine-types.ts'

/** A random run on perpetuals: that of the seed with both sides, leverage and margin. */
export function randomPerpRun(seed: number): RandomRun {
  const run = randomRun(seed)
  const random = createRandom(seed ^ 0x7f4a7c15)
  const { input } = run
  input.config.perpetual = randomPerpetual(random)
  // Not on perpetuals in this release.
  input.config.execution.participation = null
  input.decisions = input.decisions.map((row) => {
    const close = input.bars[row.symbol]![row.bar]!.close
    return random.chance(0.5) ? mirrored(row, close) : row
  })
  return run
}

function randomPerpetual(random: Random): ReferencePerpetual {
  return {
    leverage: random.pick([1, 1, 2, 3.7, 10, 50]),
    marginMode: random.pick(['isolated', 'isolated', 'cross']),
    allowShort: random.chance(0.8),
    onOpposite: random.pick(['close', 'reverse', 'reverse', 'ignore']),
    mark: 'last',
  }
}

/** The same decision for the other side: its prices mirrored at the close. */
function mirrored(row: ReferenceDecision, close: number): ReferenceDecision {
  const other: ReferenceDecision = { ...row, signal: row.signal === 'BUY' ? 'SELL' : 'BUY' }
  for (const name of ['entryPrice', 'tpPrice', 'slPrice'] as const) {
    const price = row[name]
    if (price === undefined) continue
    if (2 * close - price > 0) other[name] = 2 * close - price
    else delete other[name]
  }
  return other
}
