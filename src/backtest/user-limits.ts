/* Capacity and risk by code of the user (P3 a, e): `true`, or a refusal with the reason that the user gives. */
import type { LimitHit } from '../policies/account-view.ts'
import { joins, type CapacityPolicy } from '../policies/capacity.ts'
import type { RiskPolicy } from '../policies/risk.ts'
import { describeValue, fail } from '../strategies/failures.ts'
import type { PlainData, UserCode } from './user-port.ts'
import { given, proposalOf, viewOf, type Account } from './user-views.ts'

const MAX_REASON = 200

/** Nothing is measured where the user refuses. */
const REFUSED: LimitHit = { needed: 0, available: 0 }

/** True, or {admit: false, reason}; anything else fails with bad_answer. */
function readAnswer(answer: PlainData, what: string, call: number): LimitHit | null {
  if (answer === true) return null
  const isRefusal = typeof answer === 'object' && answer !== null && !Array.isArray(answer)
  const { admit, reason, ...rest } = isRefusal ? (answer as Record<string, PlainData>) : {}
  if (admit !== false || typeof reason !== 'string' || Object.keys(rest).length > 0) {
    const found = isRefusal ? 'an object of another shape' : describeValue(answer)
    return fail(
      'bad_answer',
      `The ${what} answered call ${call} with ${found}, expected true or {admit: false, reason}`,
    )
  }
  if (reason.length <= MAX_REASON) return reason === '' ? REFUSED : { ...REFUSED, text: reason }
  return fail(
    'policy_out_of_bounds',
    `The ${what} answered call ${call} with a reason of ${reason.length} characters, expected at most ${MAX_REASON}`,
  )
}

/** Capacity by code of the user: `admit(proposal, time, view)`. `at` gives the state, which is made after this. */
export function createUserCapacity(user: UserCode, at: () => Account): CapacityPolicy {
  let calls = 0
  return {
    check(ask, account) {
      const state = at()
      const proposal = proposalOf(state, ask)
      const told = joins(ask) ? { ...proposal, joins: true } : proposal
      const args = [told, state.time, viewOf(state, account.equity())]
      return readAnswer(user.ask('capacity', args, true), 'capacity', calls++)
    },
  }
}

/** Risk by code of the user: `check(proposal, quantity, view)`, the proposal with price and stop as admission reckons them. */
export function createUserRisk(user: UserCode, at: () => Account): RiskPolicy {
  let calls = 0
  return {
    check({ proposal, quantity, price, stop, exposure }, account) {
      const state = at()
      const asked = { ...proposalOf(state, proposal), price, stop: given(stop), exposure }
      return readAnswer(user.ask('risk', [asked, quantity, viewOf(state, account.equity())], true), 'risk', calls++)
    },
  }
}
