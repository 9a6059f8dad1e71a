/** Sums run left to right by index, deviations are two-pass (C4). All of them take at least one value. */
export function meanOf(values: Float64Array): number {
  let sum = 0
  for (let t = 0; t < values.length; t++) sum += values[t]!
  return sum / values.length
}

/** Standard deviation with ddof 1; at least two values. */
export function sampleDeviation(values: Float64Array, mean: number): number {
  let squares = 0
  for (let t = 0; t < values.length; t++) {
    const difference = values[t]! - mean
    squares += difference * difference
  }
  return Math.sqrt(squares / (values.length - 1))
}

/** Population moments around the mean: m2, m3, m4. */
export function centralMoments(values: Float64Array, mean: number): readonly [number, number, number] {
  let m2 = 0
  let m3 = 0
  let m4 = 0
  for (let t = 0; t < values.length; t++) {
    const difference = values[t]! - mean
    const square = difference * difference
    m2 += square
    m3 += square * difference
    m4 += square * square
  }
  const n = values.length
  return [m2 / n, m3 / n, m4 / n]
}

/** Covariance with ddof 1 of two columns of one length. */
export function sampleCovariance(
  a: Float64Array,
  b: Float64Array,
  means: { readonly a: number; readonly b: number },
): number {
  let sum = 0
  for (let t = 0; t < a.length; t++) sum += (a[t]! - means.a) * (b[t]! - means.b)
  return sum / (a.length - 1)
}

/** Quantile of ascending values, type 7 (R, NumPy): linear between the neighbours of (n − 1)·p. */
export function quantile(ascending: Float64Array, p: number): number {
  const at = (ascending.length - 1) * p
  const below = Math.floor(at)
  const low = ascending[below]!
  const high = ascending[Math.min(below + 1, ascending.length - 1)]!
  return low + (high - low) * (at - below)
}

export function difference(a: Float64Array, b: Float64Array): Float64Array {
  const values = new Float64Array(a.length)
  for (let t = 0; t < a.length; t++) values[t] = a[t]! - b[t]!
  return values
}
