import type { SizingAsk, SizingModel } from '../policies/sizing.ts'
import type { SymbolBook, WorkingOrder } from '../portfolio/book.ts'
import { EXACT_UNITS } from '../portfolio/money.ts'
import { describeValue, fail } from '../strategies/failures.ts'
import type { TimelineState } from './timeline-state.ts'
import type { PlainData, UserCode } from './user-port.ts'

type Account = Pick<TimelineState, 'time' | 'ledger' | 'held' | 'working' | 'books' | 'input'>

const sideName = (side: number): 'long' | 'short' => (side > 0 ? 'long' : 'short')

/** Absent fields are absent for the user too, never NaN. */
const given = (value: number): number | undefined => (value === value ? value : undefined)

function metaOf(ask: SizingAsk, symbol: string): PlainData {
  return {
    symbol,
    side: sideName(ask.side),
    close: ask.close,
    entryPrice: given(ask.entryPrice),
    slPrice: given(ask.slPrice),
    slPct: given(ask.slPct),
    trailDistance: given(ask.trailDistance),
    trailPct: given(ask.trailPct),
    confidence: given(ask.confidence),
  }
}

/** The account at admission; `equity` is that of the decision, as for the built-in sizings. */
function viewOf({ time, ledger, held, working, input }: Account, equity: number, maxSize: number): PlainData {
  const nameOf = (index: number): string => input.config.symbols[index]!
  const positionOf = ({ index, quantity, lots }: SymbolBook): PlainData => ({
    symbol: nameOf(index),
    side: sideName(lots[0]!.side),
    quantity,
  })
  const lotsOf = ({ index, lots }: SymbolBook): PlainData[] =>
    lots.map(({ id, side, quantity, entry }) => ({ id, symbol: nameOf(index), side: sideName(side), quantity, entry }))
  const orderOf = ({ id, proposal, quantity }: WorkingOrder): PlainData => ({
    id,
    symbol: nameOf(proposal.symbol),
    side: sideName(proposal.side),
    quantity,
  })
  return {
    time,
    cash: ledger.cash,
    equity,
    maxSize,
    positions: held.map(positionOf),
    lots: held.flatMap(lotsOf),
    orders: working.map(orderOf),
  }
}

/**
 * Sizing by code of the user: base quantity in [0, 2^53 steps], or [0, 2^53] without a step. `at` gives the state, which is
 * made after this. Fails with policy_out_of_bounds or bad_answer.
 */
export function createUserSizing(user: UserCode, at: () => Account): SizingModel {
  let calls = 0
  return {
    window: 0,
    size(ask) {
      const account = at()
      const book = account.books[ask.symbol]!
      const maxSize = EXACT_UNITS * (book.rules.step ?? 1)
      const meta = metaOf(ask, account.input.config.symbols[ask.symbol]!)
      const action = book.lots.length > 0 ? 'add' : 'open'
      const answer = user.ask('sizing', [meta, action, viewOf(account, ask.equity, maxSize)])
      const call = calls
      calls += 1
      if (typeof answer !== 'number') {
        return fail('bad_answer', `The sizing answered call ${call} with ${describeValue(answer)}, expected a number`)
      }
      if (answer >= 0 && answer <= maxSize) return answer
      return fail('policy_out_of_bounds', `The sizing answered call ${call} with ${answer}, expected 0 to ${maxSize}`)
    },
  }
}
