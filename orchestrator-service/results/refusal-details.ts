import type { ResultSummary } from '../../src/protocol/result.ts'

/**
 * What policies of the user said to the refusals of one reason, in quotes, each with its count: the most frequent, at
 * most `max`, then all others together. Empty where they said nothing.
 */
export function refusalDetails(
  { count, details = [] }: ResultSummary['refusalsByReason'][number],
  max = details.length,
): [text: string, count: number][] {
  const shown = details.slice(0, max)
  const others = shown.reduce((left, detail) => left - detail.count, count)
  const rows = shown.map((detail): [string, number] => [`“${detail.text}”`, detail.count])
  return rows.length > 0 && others > 0 ? [...rows, ['other words or none', others]] : rows
}
