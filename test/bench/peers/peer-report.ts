/** What the strategy of the peers' bench is given, here as there. */
export interface StrategyParams {
  readonly fast: number
  readonly slow: number
  /** How far the averages have to be apart, as a share of the slow one: no entry follows on an exit within a bar. */
  readonly band: number
  /** Units bought at each entry. */
  readonly size: number
  readonly cash: number
}

/** Time of the entry and of the exit (ms UTC), price of the entry and of the exit. */
export type PeerTrade = readonly [entryTime: number, exitTime: number, entryPrice: number, exitPrice: number]

/** What one run of a peer prints. */
export interface PeerReport {
  readonly cpuMs: number
  readonly versions: Readonly<Record<string, string>>
  /** Closed ones in the order of their exits. */
  readonly trades: readonly PeerTrade[]
}
