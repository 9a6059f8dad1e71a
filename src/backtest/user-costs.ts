/*
 * Theory of operation: fees and slippage by code of the user. Cash is never negative, so what an order reserves must cover
 * what it will cost, and nobody knows a user's function beforehand. A market order fills at an open, where its cost is looked
 * at again: admission reckons with what the fee answers for it. An order that may fill inside a bar has only its reserve
 * there: it reserves by the bounds that every answer is held to.
 */
import type { CostEvent, EventCostModel, FeeTerms } from '../policies/fee.ts'
import type { SlippageModel } from '../policies/slippage.ts'
import { describeValue, fail } from '../strategies/failures.ts'
import type { PlainData, UserCode } from './user-port.ts'
import { barOf, type Account } from './user-views.ts'

/** A fee is a share of notional between these. */
const FEE_BOUNDS = { least: -0.001, most: 0.05 }
/** Share of the gross price by which slippage may worsen it. */
const MOST_SLIPPAGE = 0.1

const DEAREST: FeeTerms = { rate: FEE_BOUNDS.most, perUnit: 0, minimum: 0 }

/** A finite number in bounds; fails with bad_answer or policy_out_of_bounds. */
function readNumber(
  answer: PlainData,
  { what, call, low, high }: { what: string; call: number; low: number; high: number },
): number {
  if (typeof answer !== 'number') {
    return fail('bad_answer', `The ${what} answered call ${call} with ${describeValue(answer)}, expected a number`)
  }
  if (answer >= low && answer <= high) return answer
  return fail('policy_out_of_bounds', `The ${what} answered call ${call} with ${answer}, expected ${low} to ${high}`)
}

/** Fees by code of the user: `cost(event)`, quote currency, from −0.1 % to 5 % of the notional. */
export function createUserFee(user: UserCode, at: () => Account): EventCostModel {
  let calls = 0
  const ask = (event: Omit<CostEvent, 'kind' | 'traded'> & { kind: 'estimate' | CostEvent['kind'] }): number => {
    const { symbol, side, quantity, price, notional, liquidity, kind } = event
    const answer = user.ask('fee', [{ symbol, side, quantity, price, notional, liquidity, kind }])
    const bounds = { low: notional * FEE_BOUNDS.least, high: notional * FEE_BOUNDS.most }
    return readNumber(answer, { what: 'fee', call: calls++, ...bounds })
  }
  return {
    mayExceed: true,
    cost: ask,
    terms(liquidity, _traded, { symbol, side, quantity, price, mayRest }) {
      const notional = quantity * price
      if (mayRest || !(notional > 0) || notional === Number.POSITIVE_INFINITY) return DEAREST
      const fee = ask({
        symbol: at().input.config.symbols[symbol]!,
        side: side > 0 ? 'buy' : 'sell',
        quantity,
        price,
        notional,
        liquidity: liquidity === 'maker' ? 'maker' : 'taker',
        kind: 'estimate',
      })
      return { rate: Math.max(0, fee / notional), perUnit: 0, minimum: 0 }
    },
  }
}

/** Slippage by code of the user: `price(order, bar, gross)`, not better than gross and at most 10 % worse. */
export function createUserSlippage(user: UserCode, at: () => Account): SlippageModel {
  let calls = 0
  return {
    needsVolume: false,
    price(side, gross, quantity, _volume, symbol, row) {
      const { books, input } = at()
      const order = { symbol: input.config.symbols[symbol]!, side, quantity }
      const answer = user.ask('slippage', [order, barOf(books[symbol]!.market, row), gross], gross)
      const bounds =
        side === 'buy'
          ? { low: gross, high: gross * (1 + MOST_SLIPPAGE) }
          : { low: gross * (1 - MOST_SLIPPAGE), high: gross }
      return readNumber(answer, { what: 'slippage', call: calls++, ...bounds })
    },
    dearest: (gross) => gross * (1 + MOST_SLIPPAGE),
  }
}
