/** Capacity port (P3 a): how many slots there are for open lots and working entries together. */
export interface CapacityPolicy {
  readonly max: number
}

export function createMaxPositions({ max }: { max: number }): CapacityPolicy {
  return { max }
}
