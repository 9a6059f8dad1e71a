/**
 * Every indicator once more, written from its definition alone: each value is computed anew from the whole past, nothing is
 * carried. Slow on purpose; imports nothing from `src/`.
 */
export interface NaiveColumns {
  readonly time: readonly number[]
  readonly open: readonly number[]
  readonly high: readonly number[]
  readonly low: readonly number[]
  readonly close: readonly number[]
  readonly volume: readonly number[]
}
type Params = Readonly<Record<string, number>>
type Line = number[]

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const mean = (values: readonly number[]): number => sum(values) / values.length
const rolling = (values: readonly number[], n: number, of: (window: readonly number[]) => number): Line =>
  values.map((_, i) => (i < n - 1 ? Number.NaN : of(values.slice(i - n + 1, i + 1))))

/** Seed: mean of the first n numbers that are no NaN; then old + alpha (new - old). */
function recursive(values: readonly number[], n: number, alpha: number): Line {
  const start = values.findIndex((value) => !Number.isNaN(value))
  return values.map((_, i) => {
    if (start < 0 || i < start + n - 1) return Number.NaN
    let value = mean(values.slice(start, start + n))
    for (let k = start + n; k <= i; k++) value = value * (1 - alpha) + alpha * values[k]!
    return value
  })
}
const ema = (values: readonly number[], n: number): Line => recursive(values, n, 2 / (n + 1))
const wilder = (values: readonly number[], n: number): Line => recursive(values, n, 1 / n)
const deviation = (values: readonly number[], ddof: number): number => {
  const middle = mean(values)
  return Math.sqrt(sum(values.map((value) => (value - middle) ** 2)) / (values.length - ddof))
}
const changes = (values: readonly number[]): Line =>
  values.map((value, i) => (i === 0 ? Number.NaN : value - values[i - 1]!))
const highest = (values: readonly number[], n: number): Line => rolling(values, n, (window) => Math.max(...window))
const lowest = (values: readonly number[], n: number): Line => rolling(values, n, (window) => Math.min(...window))

function trueRanges({ high, low, close }: NaiveColumns): Line {
  return high.map((top, i) => {
    const before = i === 0 ? null : close[i - 1]!
    if (before === null) return top - low[i]!
    return Math.max(top - low[i]!, Math.abs(top - before), Math.abs(low[i]! - before))
  })
}

function rsi(values: readonly number[], n: number): Line {
  const moved = changes(values)
  const gains = wilder(
    moved.map((change) => (Number.isNaN(change) ? change : Math.max(change, 0))),
    n,
  )
  const losses = wilder(
    moved.map((change) => (Number.isNaN(change) ? change : Math.max(-change, 0))),
    n,
  )
  return gains.map((gain, i) => (0 === gain + losses[i]! ? 50 : 100 - 100 / (1 + gain / losses[i]!)))
}

function adx(columns: NaiveColumns, n: number): Line[] {
  const ups = changes(columns.high)
  const downs = changes(columns.low).map((change) => -change)
  const spread = wilder(
    trueRanges(columns).map((range, i) => (i === 0 ? Number.NaN : range)),
    n,
  )
  const directed = (own: Line, other: Line): Line => {
    const moved = own.map((value, i) => (Number.isNaN(value) ? value : value > other[i]! && value > 0 ? value : 0))
    return wilder(moved, n).map((value, i) => (spread[i] === 0 ? 0 : (100 * value) / spread[i]!))
  }
  const plus = directed(ups, downs)
  const minus = directed(downs, ups)
  const dx = plus.map((p, i) => (0 === p + minus[i]! ? 0 : (100 * Math.abs(p - minus[i]!)) / (p + minus[i]!)))
  return [wilder(dx, n), plus, minus]
}

function stochastic({ high, low, close }: NaiveColumns, params: Params): Line[] {
  const tops = highest(high, params['period']!)
  const bottoms = lowest(low, params['period']!)
  const raw = close.map((c, i) => (tops[i] === bottoms[i] ? 50 : (100 * (c - bottoms[i]!)) / (tops[i]! - bottoms[i]!)))
  const k = rolling(raw, params['smooth']!, mean)
  return [k, rolling(k, params['signal']!, mean)]
}

function vwap({ time, high, low, close, volume }: NaiveColumns, anchor: string): Line {
  // 1969-12-29 was a Monday
  const start = (at: number): number =>
    anchor === 'day' ? at - (at % 86_400_000) : anchor === 'week' ? at - ((at + 259_200_000) % 604_800_000) : 0
  return close.map((_, i) => {
    const rows = close.map((__, k) => k).filter((k) => k <= i && time[k]! >= start(time[i]!))
    const traded = sum(rows.map((k) => volume[k]!))
    const money = sum(rows.map((k) => ((high[k]! + low[k]! + close[k]!) / 3) * volume[k]!))
    return traded === 0 ? Number.NaN : money / traded
  })
}

function obv({ close, volume }: NaiveColumns): Line {
  return close.map((_, i) =>
    sum(close.slice(0, i + 1).map((c, k) => (k === 0 ? 0 : Math.sign(c - close[k - 1]!) * volume[k]!))),
  )
}

/** Outputs of a kind over `columns`, of `source` where it takes one. */
export function naiveIndicator(
  kind: string,
  options: { params: Readonly<Record<string, unknown>>; source: readonly number[]; columns: NaiveColumns },
): Line[] {
  const { source, columns } = options
  const params = options.params as Params
  const n = params['period']!
  const channel = (top: Line, bottom: Line): Line[] => [top, top.map((value, i) => (value + bottom[i]!) / 2), bottom]
  switch (kind) {
    case 'sma':
      return [rolling(source, n, mean)]
    case 'ema':
      return [ema(source, n)]
    case 'wma':
      return [rolling(source, n, (window) => sum(window.map((x, i) => (i + 1) * x)) / ((n * (n + 1)) / 2))]
    case 'rsi':
      return [rsi(source, n)]
    case 'macd': {
      const slow = ema(source, params['slow']!)
      const line = ema(source, params['fast']!).map((value, i) => value - slow[i]!)
      const signal = ema(line, params['signal']!)
      return [line, signal, line.map((value, i) => value - signal[i]!)]
    }
    case 'atr':
      return [wilder(trueRanges(columns), n)]
    case 'bollinger': {
      const width = rolling(source, n, (window) => params['deviations']! * deviation(window, 0))
      const middle = rolling(source, n, mean)
      return [middle.map((m, i) => m + width[i]!), middle, middle.map((m, i) => m - width[i]!)]
    }
    case 'stochastic':
      return stochastic(columns, params)
    case 'adx':
      return adx(columns, n)
    case 'obv':
      return [obv(columns)]
    case 'vwap':
      return [vwap(columns, options.params['anchor'] as string)]
    case 'donchian':
      return channel(highest(columns.high, n), lowest(columns.low, n))
    case 'highest':
      return [highest(source, n)]
    case 'lowest':
      return [lowest(source, n)]
    case 'stddev':
      return [rolling(source, n, (window) => deviation(window, params['ddof']!))]
    default:
      throw new Error(`There is no naive ${kind}`)
  }
}
