import { defineBuiltin } from './builtin-definition.ts'

/** BUY at the close of the first row that may be decided on. Lookback: 0. */
export const BUY_AND_HOLD = defineBuiltin<Record<string, never>>({
  params: [],
  lookback: () => 0,
  start:
    ({ first, sink }) =>
    (from, to) => {
      if (from <= first && first < to) sink.buy(first)
    },
})
