/** Plain shapes of perpetuals, as reference-engine-types.ts declares those of all runs. */
/** Section 5; absent on a spot market. */
export interface ReferencePerpetual {
  leverage: number
  marginMode: 'isolated' | 'cross'
  allowShort: boolean
  onOpposite: 'close' | 'reverse' | 'ignore'
  mark: 'auto' | 'last'
  funding: 'data' | 'none' | { everyHours: number; rate: number }
}

export interface ReferenceTier {
  floor: number
  cap: number | null
  mmr: number
  kappa: number
}

export interface ReferenceFunding {
  time: number
  rate: number
  mark: number | null
}
