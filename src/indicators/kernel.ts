/** Columns of one symbol that a kernel may read; at row i it reads rows 0..i only. */
export interface IndicatorInput {
  /** Opens of the bars, ms UTC. */
  readonly time: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
  readonly volume: Float64Array
  /** The column that kinds of one series are taken of. */
  readonly source: Float64Array
}

/** A running indicator: its state is that of the last row it has seen. */
export interface IndicatorKernel {
  /**
   * Takes the rows `from` to `to` (exclusive), which follow the last ones it took, and writes row r of output k to
   * `outputs[k][r - base]`: NaN before the output is warm. It never reads an output.
   */
  advance(rows: { from: number; to: number; base: number }, outputs: readonly Float64Array[]): void
}
