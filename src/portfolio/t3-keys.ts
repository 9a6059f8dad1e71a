/** What T3 compares. */
interface Keyed {
  readonly number: number
  readonly rank: number
  readonly symbol: number
  readonly unit: number
  readonly sequence: number
}

/** T3: rank high first, symbol, unit, sequence. 0: the keys are equal. */
export function compareT3Keys(a: Keyed, b: Keyed): number {
  if (a.rank !== b.rank) return a.rank > b.rank ? -1 : 1
  return a.symbol - b.symbol || a.unit - b.unit || a.sequence - b.sequence
}

/** T3, then the decision number. */
export function compareKeys(a: Keyed, b: Keyed): number {
  return compareT3Keys(a, b) || a.number - b.number
}
