/**
 * Built-in strategies as causal kernels over the loaded rows of one symbol: what they decide at row i depends on rows 0..i
 * only. Formulas:
 *
 * - SmaCrossover: SMA_n(i) = s_n(i) / n with the running sum s_n(n-1) = c(0) + … + c(n-1) (left to right, from the first
 *   loaded row) and s_n(i) = (s_n(i-1) + c(i)) - c(i-n). BUY at i when SMA_fast(i-1) <= SMA_slow(i-1) and
 *   SMA_fast(i) > SMA_slow(i); SELL when it was >= and is <. Lookback: slow.
 * - BuyAndHold: BUY at the close of the first row that is decided on. Lookback: 0.
 */
import type { CandleSeries } from '../candles/series.ts'
import type { BuiltinSpec } from '../protocol/run-config.ts'

const BUY = 0
const SELL = 1
const REPORT_EVERY = 65_536

/** Decisions of a kernel as columns: row of the series and index into SIGNALS. */
export interface KernelRows {
  readonly rows: number
  readonly bar: Uint32Array
  readonly signal: Uint8Array
}

/** Bars that a built-in needs before its first decision. */
export function builtinLookback(spec: BuiltinSpec): number {
  return spec.builtin === 'SmaCrossover' ? (spec.params['slow'] as number) : 0
}

/**
 * Runs a built-in over loaded rows. `first` is the first row that is decided on (in the window, with the lookback before
 * it); `onProgress` is told the row every 65,536 rows.
 */
export function runBuiltin(options: {
  spec: BuiltinSpec
  series: CandleSeries
  first: number
  onProgress?: (row: number) => void
}): KernelRows {
  const { spec, series, first, onProgress } = options
  if (spec.builtin === 'BuyAndHold') {
    const rows = first < series.rows ? 1 : 0
    return { rows, bar: Uint32Array.of(first).slice(0, rows), signal: new Uint8Array(rows) }
  }
  const fast = spec.params['fast'] as number
  const slow = spec.params['slow'] as number
  const sink = new RowSink()
  const state = { fastSum: 0, slowSum: 0, side: 0 }
  for (let from = 0; from < series.rows; from += REPORT_EVERY) {
    const to = from + REPORT_EVERY < series.rows ? from + REPORT_EVERY : series.rows
    crossRows({ close: series.close, fast, slow, first, from, to, state, sink })
    onProgress?.(to)
  }
  return sink.take()
}

/** Rows `from` to `to` of SmaCrossover; the state goes on in the next part. */
function crossRows(options: {
  close: Float64Array
  fast: number
  slow: number
  first: number
  from: number
  to: number
  state: { fastSum: number; slowSum: number; side: number }
  sink: RowSink
}): void {
  const { close, fast, slow, first, from, to, state, sink } = options
  let { fastSum, slowSum, side } = state
  for (let i = from; i < to; i++) {
    const price = close[i]!
    fastSum += price
    slowSum += price
    if (i >= fast) fastSum -= close[i - fast]!
    if (i >= slow) slowSum -= close[i - slow]!
    if (i < slow - 1) continue
    const fastMean = fastSum / fast
    const slowMean = slowSum / slow
    const now = fastMean > slowMean ? 1 : fastMean < slowMean ? -1 : 0
    if (i >= first && i >= slow) {
      if (side <= 0 && now > 0) sink.add(i, BUY)
      else if (side >= 0 && now < 0) sink.add(i, SELL)
    }
    side = now
  }
  state.fastSum = fastSum
  state.slowSum = slowSum
  state.side = side
}

class RowSink {
  #rows = 0
  #bar = new Uint32Array(1024)
  #signal = new Uint8Array(1024)

  add(bar: number, signal: number): void {
    if (this.#rows === this.#bar.length) {
      const { bar: bars, signal: signals } = { bar: this.#bar, signal: this.#signal }
      this.#bar = new Uint32Array(2 * this.#rows)
      this.#signal = new Uint8Array(2 * this.#rows)
      this.#bar.set(bars)
      this.#signal.set(signals)
    }
    this.#bar[this.#rows] = bar
    this.#signal[this.#rows] = signal
    this.#rows++
  }

  take(): KernelRows {
    return { rows: this.#rows, bar: this.#bar.slice(0, this.#rows), signal: this.#signal.slice(0, this.#rows) }
  }
}
