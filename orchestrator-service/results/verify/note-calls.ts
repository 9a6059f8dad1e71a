import type { AnswerLog } from '../../../src/backtest/answer-log.ts'
import { decisionRow, packDecisions } from '../../../src/backtest/decision-codec.ts'
import type { DecisionLog } from '../../../src/backtest/decision-log.ts'
import { dueSlotsOf } from '../../../src/backtest/decision-slots.ts'
import { playTimeline } from '../../../src/backtest/play-timeline.ts'
import type { PortfolioCode } from '../../../src/backtest/portfolio-live.ts'
import type { TimelineInput } from '../../../src/backtest/timeline-state.ts'
import { AnswerMismatch, replayUserCode } from '../../../src/backtest/user-port.ts'
import { noteQuestions, type Question } from '../../../src/verification/questions.ts'
import { createSha256 } from '../../sha256.ts'

/**
 * What a portfolio strategy and other code of the user were asked in a verified run: it is played once more as in the cell,
 * with the log in the strategy's place. Null: too many to be kept.
 * @throws AnswerMismatch if a decision is none of onBar, or none that it was asked for
 */
export function noteCalls(
  input: Omit<TimelineInput, 'decisions' | 'user' | 'portfolio'>,
  decisions: DecisionLog,
  answers: AnswerLog,
): readonly Question[] | null {
  if (decisions.rows > 0 && !decisions.enums.has('action')) throw new AnswerMismatch('onBar has no such decisions')
  const { user, portfolio, all } = noteQuestions(replayUserCode(answers, createSha256), replayBars(decisions, input))
  const played = playTimeline({ ...input, decisions: packDecisions([]), user, portfolio })
  if (played.decisions.rows !== decisions.rows)
    throw new AnswerMismatch('onBar is not asked at the instants of its decisions')
  return all()
}

/** A strategy that does what a log says, instants ascending. */
function replayBars(log: DecisionLog, run: Pick<TimelineInput, 'series' | 'window'>): PortfolioCode {
  const due = dueSlotsOf(log, run)
  let next = 0
  return {
    onBar({ slot }) {
      const from = next
      while (next < log.rows && due[next] === slot) next += 1
      const rows = Array.from({ length: next - from }, (_, row) => decisionRow(log, from + row))
      return rows.length === 0 ? null : packDecisions(rows)
    },
  }
}
