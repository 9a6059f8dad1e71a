import type { Proof } from '../../src/protocol/result.ts'
import { formatCount, formatPercent } from '../results/format.ts'

/** What a look-ahead proof has shown, in one line. */
export function provedText({ cuts, decisions, covered, answers, coveredAnswers, excludedLeakRate }: Proof): string {
  const rate =
    excludedLeakRate === null ? '' : `; leaks of ${formatPercent(excludedLeakRate)} and more excluded at 99 %`
  const asked = answers === 0 ? '' : ` and ${formatCount(coveredAnswers)} of ${formatCount(answers)} answers`
  const share =
    covered + coveredAnswers === 0
      ? 'no decision to look at'
      : `${formatCount(covered)} of ${formatCount(decisions)} decisions${asked}${rate}`
  return `decisions do not depend on later bars: ${formatCount(cuts)} instants, ${share}`
}
