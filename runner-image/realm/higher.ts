/** Bars of a higher interval of one symbol (T4), made of its base bars as they are shown, and what is taken of them. */
import type { Interval } from '../../src/candles/interval.ts'
import { type ColumnSet, Resampler } from '../../src/candles/resample.ts'
import type { IndicatorKernel } from '../../src/indicators/kernel.ts'
import type { CandleColumns, HigherFrame } from '../../src/strategies/decision-types.ts'
import { createColumns, type RevealedColumns, unify } from './columns.ts'
import { makeFailure } from '../../src/strategies/failures.ts'
import { buildFrame } from './frames.ts'

interface Following {
  readonly kernel: IndicatorKernel
  /** One entry each: the value at the last closed bar. */
  readonly latest: readonly Float64Array[]
}

export class HigherBars {
  readonly interval: Interval
  /** What the strategy reads; null before it asks. */
  #frame: { -readonly [K in keyof HigherFrame]: HigherFrame[K] } | null = null
  #columns: RevealedColumns | null = null
  #flags: Uint8Array = new Uint8Array(0)
  readonly #resampler: Resampler
  readonly #length: number
  readonly #following: Following[] = []
  #closed = 0

  constructor(options: { hidden: CandleColumns; base: Interval; interval: Interval; length: number }) {
    const { hidden, base, interval, length } = options
    this.interval = interval
    this.#length = length
    try {
      this.#resampler = new Resampler({ source: hidden, base, interval, length })
    } catch {
      throw makeFailure('memory', `The realm has no memory for ${length} bars of ${interval}`)
    }
  }

  /** An indicator of these bars; answers where its last values stand. */
  follow(make: (input: ColumnSet) => IndicatorKernel, outputs: number): readonly Float64Array[] {
    const latest = Array.from({ length: outputs }, () => new Float64Array(1).fill(Number.NaN))
    this.#following.push({ kernel: make(this.#resampler.columns), latest })
    return latest
  }

  /** Takes a base row that has closed. */
  take(row: number): void {
    this.#resampler.take(row)
    this.#close()
  }

  /** `now` has come. */
  expire(now: number): void {
    this.#resampler.expire(now)
    this.#close()
  }

  /** The strategy's view, the same object for the whole unit. */
  view(): HigherFrame {
    if (this.#frame === null) {
      this.#columns = createColumns(this.#resampler.columns, this.#length)
      this.#flags = new Uint8Array(this.#length)
      this.#frame = buildFrame(this.#columns.columns, { index: -1, partial: this.#flags })
      for (let row = 0; row < this.#closed; row++) this.#show(row)
    }
    return this.#frame
  }

  #close(): void {
    while (this.#closed < this.#resampler.rows) {
      const row = this.#closed
      const part = { from: row, to: row + 1, base: row }
      for (const { kernel, latest } of this.#following) {
        kernel.advance(part, latest)
        for (const value of latest) unify(value, 1)
      }
      this.#closed = row + 1
      if (this.#frame !== null) this.#show(row)
    }
  }

  #show(row: number): void {
    this.#columns!.show(row)
    this.#flags[row] = this.#resampler.partial[row]!
    this.#frame!.index = row
  }
}
