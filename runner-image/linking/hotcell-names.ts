/** What the module `hotcell` exports at run time: known without loading it, because the host side of a realm only links names. */
export const HOTCELL_NAMES: readonly string[] = [
  'BaseStrategy',
  'BuyAndHold',
  'Ensemble',
  'Momentum',
  'PeakEmaReversal',
  'RsiMeanReversion',
  'SmaCrossover',
  'ThreeStepStrategy',
  'TradeProposalBuilder',
]
