import { decisionRow, decodeDecisionLog } from '../../../src/backtest/decision-codec.ts'
import type { DecisionLog } from '../../../src/backtest/decision-log.ts'
import { readUnitCheckpoint } from '../../../src/backtest/unit-checkpoint.ts'
import { PlatformError } from '../../../src/errors.ts'
import { checkShape } from '../../../src/protocol/check.ts'
import { DecisionLogDocument } from '../../../src/protocol/runner-result.ts'
import type { ResumedUnits } from './verify-protocol.ts'

/**
 * What a cell claims of units that it did not run itself, against the checkpoints that it was given for them. Decisions that
 * an aggregation made out of them are others. @throws PlatformError protocol for a checkpoint that is none
 * @returns where they differ first, null: nowhere
 */
export function findContradiction(decisions: DecisionLog, { checkpoints, aggregates }: ResumedUnits): string | null {
  if (aggregates) return null
  const rowsOf = new Map<number, number[]>()
  for (let row = 0; row < decisions.rows; row += 1) {
    const unit = decisions.unit[row]!
    const rows = rowsOf.get(unit)
    if (rows === undefined) rowsOf.set(unit, [row])
    else rows.push(row)
  }
  for (const checkpoint of checkpoints) {
    const { unit, symbols, document } = readUnitCheckpoint(checkpoint)
    const kept = decodeKept(document)
    const rows = rowsOf.get(unit) ?? []
    const same = (row: number): boolean =>
      row < rows.length && row < kept.rows && textOf(decisions, rows[row]!) === textOf(kept, row)
    const length = Math.max(rows.length, kept.rows)
    for (let row = 0; row < length; row += 1) {
      if (same(row)) continue
      const name = symbols.length === 1 ? symbols[0]! : `${symbols[0]!} and ${symbols.length - 1} more`
      return `The cell contradicts the checkpoints of the host: decision ${row + 1} of unit ${unit} (${name}) is another one`
    }
  }
  return null
}

function decodeKept(document: unknown): DecisionLog {
  const [fault] = checkShape(DecisionLogDocument, document)
  if (fault !== undefined)
    throw new PlatformError('protocol', `Cannot read checkpoint: "${fault.pointer}" ${fault.message}`)
  return decodeDecisionLog(document as DecisionLogDocument)
}

/** Fields stand in the same order in rows that were decoded. */
function textOf(log: DecisionLog, row: number): string {
  return JSON.stringify(decisionRow(log, row))
}
