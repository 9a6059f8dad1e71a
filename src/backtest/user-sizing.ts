import type { SizingAsk, SizingModel } from '../policies/sizing.ts'
import { EXACT_UNITS } from '../portfolio/money.ts'
import { describeValue, fail } from '../strategies/failures.ts'
import type { PlainData, UserCode } from './user-port.ts'
import { given, sideName, viewOf, type Account } from './user-views.ts'

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
      const answer = user.ask('sizing', [meta, action, { ...viewOf(account, ask.equity), maxSize }])
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
