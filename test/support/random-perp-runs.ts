import { createRandom, type Random } from './random.ts'
import { randomRun, type RandomRun } from './random-runs.ts'
import type { ReferenceDecision } from './reference-engine-decision.ts'
import type {
  ReferenceBar,
  ReferenceFunding,
  ReferenceInput,
  ReferencePerpetual,
  ReferenceTier,
} from './reference-engine-types.ts'

const HOUR = 3_600_000

/** A random run on perpetuals: that of the seed with both sides, leverage, margin, funding and marks. */
export function randomPerpRun(seed: number): RandomRun {
  const run = randomRun(seed)
  const random = createRandom(seed ^ 0x7f4a7c15)
  const { input, interval } = run
  input.config.perpetual = randomPerpetual(random)
  // A schedule of hours has too many rows for long bars.
  if (interval === '1M' || interval === '1w') input.config.perpetual.funding = 'data'
  let isMirrored = false
  input.decisions = input.decisions.map((row) => {
    const close = input.bars[row.symbol]![row.bar]!.close
    // The legs of a proposal turn together.
    isMirrored = (row.leg ?? 1) > 1 ? isMirrored : random.chance(0.5)
    return isMirrored ? mirrored(row, close) : row
  })
  input.tiers = input.bars.map(() => randomTiers(random, input.config.initialCash))
  input.funding = input.bars.map(() => (random.chance(0.7) ? randomFunding(random, input) : null))
  input.marks = input.bars.map((bars) => (interval === '1M' || random.chance(0.5) ? null : randomMarks(random, bars)))
  input.markMs = run.input.opens[1]! - run.input.opens[0]!
  if (input.markMs % 2 === 0 && interval === '1d' && random.chance(0.5)) halveMarks(random, input)
  for (const instrument of input.instruments) {
    if (instrument !== null) instrument.multiplier = random.pick(['1', '1', '0.1', '10'])
  }
  return run
}

function randomPerpetual(random: Random): ReferencePerpetual {
  return {
    leverage: random.pick([1, 1, 2, 3.7, 10, 50]),
    marginMode: random.pick(['isolated', 'isolated', 'cross']),
    allowShort: random.chance(0.8),
    onOpposite: random.pick(['close', 'reverse', 'reverse', 'ignore']),
    mark: random.pick(['auto', 'auto', 'last']),
    funding: random.pick(['data', 'data', 'none', { everyHours: random.pick([1, 4, 8]), rate: 0.0004 }]),
  }
}

/** One to three tiers around the notionals that an account of `cash` trades. */
function randomTiers(random: Random, cash: number): ReferenceTier[] {
  const kappa = random.pick([0, 0.003, 0.01])
  if (random.chance(0.4)) return [{ floor: 0, cap: null, mmr: random.pick([0.004, 0.05]), kappa }]
  const [low, high] = [Math.round(cash * random.pick([0.3, 1])), Math.round(cash * random.pick([2, 10]))]
  return [
    { floor: 0, cap: low, mmr: 0.004, kappa },
    { floor: low, cap: high, mmr: 0.01, kappa: kappa * 2 },
    { floor: high, cap: random.chance(0.5) ? null : high * 5, mmr: 0.1, kappa },
  ]
}

/** Rows at opens and inside bars, a little late, with rates that may eat a wallet. */
function randomFunding(random: Random, { opens }: ReferenceInput): ReferenceFunding[] {
  const rows: ReferenceFunding[] = []
  const every = random.pick([1, 2, 5])
  for (let k = 0; k + 1 < opens.length; k += every) {
    const inside = random.chance(0.3) ? Math.floor((opens[k + 1]! - opens[k]!) / 2) : 0
    const late = random.pick([0, 0, 1, 16, 1000, 1001])
    const time = opens[k]! + inside + late
    const rate = random.pick([0.0001, -0.0001, 0.00375, 0.05, -0.4, 0.6])
    rows.push({ time, rate, mark: random.chance(0.5) ? random.int(5, 30) : null })
  }
  return rows
}

/** Mark candles near the bars, some of them missing. */
function randomMarks(random: Random, bars: readonly ReferenceBar[]): ReferenceBar[] {
  const near = (price: number): number => price * random.pick([1, 1, 0.98, 1.02, 0.8, 1.2])
  return bars
    .filter(() => !random.chance(0.1))
    .map((bar) => {
      const open = near(bar.open)
      const close = near(bar.close)
      const high = Math.max(open, close, near(bar.high))
      return { time: bar.time, open, high, low: Math.min(open, close, near(bar.low)), close, volume: 0 }
    })
}

/** The same marks as candles of 12 hours. */
function halveMarks(random: Random, input: ReferenceInput): void {
  input.markMs = 12 * HOUR
  input.marks = input.marks!.map((rows) =>
    rows === null
      ? null
      : rows.flatMap((row) => {
          const second = { ...row, time: row.time + 12 * HOUR, open: (row.open + row.close) / 2 }
          return random.chance(0.1) ? [row] : [{ ...row, close: second.open }, second]
        }),
  )
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
