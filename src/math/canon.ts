/** The one value a number has wherever it is hashed or compared (C4): every NaN is the quiet one, −0 is 0. */
export function canon(x: number): number {
  return x === x ? x + 0 : Number.NaN
}

/** Whether every value of a column already is its canon (no −0, no NaN at all: a NaN's bits cannot be seen from here). */
export function isCanonical(column: Float64Array): boolean {
  for (let i = 0; i < column.length; i++) {
    const x = column[i]!
    if (x !== x || (x === 0 && 1 / x < 0)) return false
  }
  return true
}
