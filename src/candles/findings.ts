/** Something that a check found. `row` counts from 1: the line of a file, or the row of a series. */
export interface Finding<Kind extends string> {
  readonly row: number
  /** Open time (ms UTC) of the row, null where it cannot be read. */
  readonly time: number | null
  readonly kind: Kind
  readonly message: string
}

export const MAX_FINDINGS = 1000

/** Findings with a cap: the first MAX_FINDINGS are kept in the order in which they came, and all are counted by kind. */
export interface Findings<Kind extends string> {
  readonly total: number
  readonly counts: ReadonlyMap<Kind, number>
  readonly list: readonly Finding<Kind>[]
}

export interface FindingCollector<Kind extends string> extends Findings<Kind> {
  /** `message` is a function so that nothing is formatted for a finding beyond the cap. */
  add(row: number, time: number | null, kind: Kind, message: () => string): void
  /** Findings ordered by row. */
  finish(): Findings<Kind>
}

export function collectFindings<Kind extends string>(): FindingCollector<Kind> {
  const counts = new Map<Kind, number>()
  const list: Finding<Kind>[] = []
  let total = 0
  return {
    get total() {
      return total
    },
    counts,
    list,
    add(row, time, kind, message) {
      total++
      counts.set(kind, (counts.get(kind) ?? 0) + 1)
      if (list.length < MAX_FINDINGS) list.push({ row, time, kind, message: message() })
    },
    finish() {
      return { total, counts, list: list.toSorted((a, b) => a.row - b.row) }
    },
  }
}

/** `3 duplicate_time, 1 off_grid`, in the order in which the kinds were met. */
export function describeCounts(findings: Findings<string>): string {
  return [...findings.counts].map(([kind, count]) => `${count} ${kind}`).join(', ')
}

/** Findings as plain JSON, the counts as an object. */
export function findingsToJson<Kind extends string>(
  findings: Findings<Kind>,
): { total: number; counts: Record<string, number>; list: readonly Finding<Kind>[] } {
  return { total: findings.total, counts: Object.fromEntries(findings.counts), list: findings.list }
}
