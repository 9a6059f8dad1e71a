import type { Refusal, RefusalCount } from './explanation.ts'
import type { RecordReason } from './records.ts'

const MAX_DETAILS = 10

/** Refusals by reason, most frequent first, ties by name. */
export function countRefusals(refusals: readonly Refusal[]): RefusalCount[] {
  const reasons = new Map<RecordReason, { count: number; texts: Map<string, number> }>()
  for (const { reason, detail } of refusals) {
    const counted = reasons.get(reason) ?? { count: 0, texts: new Map<string, number>() }
    counted.count += 1
    if (detail !== null) counted.texts.set(detail, (counted.texts.get(detail) ?? 0) + 1)
    reasons.set(reason, counted)
  }
  return mostFrequent([...reasons].map(([name, { count, texts }]) => ({ name, count, texts }))).map(
    ({ name, count, texts }) => ({
      reason: name,
      count,
      details: mostFrequent([...texts].map(([text, times]) => ({ name: text, count: times })))
        .slice(0, MAX_DETAILS)
        .map((one) => ({ text: one.name, count: one.count })),
    }),
  )
}

function mostFrequent<T extends { name: string; count: number }>(counted: T[]): T[] {
  return counted.sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1))
}
