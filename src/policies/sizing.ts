/** What sizing may see (P2): the decision's instant and bar, nothing later. */
export interface SizingView {
  /** E of the decision instant, quote currency. */
  readonly equity: number
  /** Close of the decision bar. */
  readonly close: number
}

/** Sizing port: the target quantity in base currency, before rounding (F10). */
export interface SizingModel {
  size(view: SizingView): number
}

export function createPercentOfEquity({ percent }: { percent: number }): SizingModel {
  return { size: (view) => (view.equity * percent) / 100 / view.close }
}

export function createFixedNotional({ notional }: { notional: number }): SizingModel {
  return { size: (view) => notional / view.close }
}

export function createFixedQuantity({ quantity }: { quantity: number }): SizingModel {
  return { size: () => quantity }
}
