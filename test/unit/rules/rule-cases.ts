import { ADMISSION_CASES } from './cases-admission.ts'
import { CASH_CHECK_CASES } from './cases-cash-check.ts'
import { CASH_CASES } from './cases-cash.ts'
import { DATA_CASES } from './cases-data.ts'
import { DETAIL_CASES } from './cases-detail.ts'
import { EXECUTOR_CASES } from './cases-executors.ts'
import { FILL_POLICY_CASES } from './cases-fill-policies.ts'
import { FILL_CASES } from './cases-fills.ts'
import { FEE_POLICY_CASES } from './cases-fee-policies.ts'
import { GAP_CASES } from './cases-gaps.ts'
import { LEG_FUNCTION_CASES } from './cases-leg-functions.ts'
import { LEG_CASES } from './cases-legs.ts'
import { LIMIT_POLICY_CASES } from './cases-limit-policies.ts'
import { PARTICIPATION_CASES } from './cases-participation.ts'
import { PATH_CASES } from './cases-path.ts'
import { FUNDING_CASES } from './cases-funding.ts'
import { LIQUIDATION_CASES } from './cases-liquidation.ts'
import { OPPOSITE_CASES } from './cases-opposite.ts'
import { PHASE_CASES } from './cases-phases.ts'
import { PORTFOLIO_CASES } from './cases-portfolio.ts'
import { PROFILE_CASES } from './cases-profiles.ts'
import { SAME_CLOSE_CASES } from './cases-same-close.ts'
import { SCALE_OUT_CASES } from './cases-scale-out.ts'
import { SIZING_POLICY_CASES } from './cases-sizing-policies.ts'
import { STOP_LIMIT_CASES } from './cases-stop-limit.ts'
import { TIME_CASES } from './cases-time.ts'
import { TIME_IN_FORCE_CASES } from './cases-time-in-force.ts'
import { TRAILING_CASES } from './cases-trailing.ts'
import { UNIT_CASES } from './cases-units.ts'
import { USER_FILL_CASES } from './cases-user-fill.ts'
import { USER_POLICY_CASES } from './cases-user-policies.ts'
import { VERIFICATION_CASES } from './cases-verification.ts'
import type { RuleCase } from './rule-case.ts'

/** Every case computed by hand. */
export const RULE_CASES: readonly RuleCase[] = [
  ...TIME_CASES,
  ...GAP_CASES,
  ...PHASE_CASES,
  ...LEG_CASES,
  ...LEG_FUNCTION_CASES,
  ...SCALE_OUT_CASES,
  ...ADMISSION_CASES,
  ...FILL_CASES,
  ...SAME_CLOSE_CASES,
  ...STOP_LIMIT_CASES,
  ...TIME_IN_FORCE_CASES,
  ...TRAILING_CASES,
  ...PARTICIPATION_CASES,
  ...PATH_CASES,
  ...FILL_POLICY_CASES,
  ...DETAIL_CASES,
  ...PROFILE_CASES,
  ...CASH_CASES,
  ...CASH_CHECK_CASES,
  ...FEE_POLICY_CASES,
  ...LIMIT_POLICY_CASES,
  ...SIZING_POLICY_CASES,
  ...USER_POLICY_CASES,
  ...USER_FILL_CASES,
  ...EXECUTOR_CASES,
  ...DATA_CASES,
  ...UNIT_CASES,
  ...OPPOSITE_CASES,
  ...PORTFOLIO_CASES,
  ...FUNDING_CASES,
  ...LIQUIDATION_CASES,
  ...VERIFICATION_CASES,
]

/** Parts of P3 that have cases of their own, and D, which is no rule of a run. */
export const FURTHER_IDS = ['P3a', 'P3b', 'P3c', 'P3d', 'P3e', 'P3f', 'D'] as const
