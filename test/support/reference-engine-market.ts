import type { ReferenceBar, Run } from './reference-engine-types.ts'

/** F1: the bar and the price in it at which a market order of slot k takes. */
export function marketBar(run: Run, symbol: number, k: number): { bar: ReferenceBar; price: number } {
  const bar = run.liveBar(symbol, k)!
  if (run.input.config.execution.marketFill === 'next_open') return { bar, price: bar.open }
  run.input.onBranch?.('market order at the close before')
  const before = run.input.bars[symbol]![run.rowAt(symbol, k) - 1]!
  return { bar: before, price: before.close }
}
