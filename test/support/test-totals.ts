export interface Totals {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

export function addTotals(a: Totals, b: Totals): Totals {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped }
}

/** A static check counts as one test. */
export function staticTotals(exitCode: number): Totals {
  return exitCode === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 }
}

/**
 * Totals of a level from vitest's JSON report. A run that ended badly although every test passed (an unhandled
 * rejection, a file that could not be loaded, no report at all) counts as one more failure.
 */
export function readVitestTotals(report: string | null, exitCode: number): Totals {
  if (report === null) return staticTotals(exitCode === 0 ? 0 : 1)
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(report) as Record<string, number>
  const failed = numFailedTests ?? 0
  return {
    passed: numPassedTests ?? 0,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: (numPendingTests ?? 0) + (numTodoTests ?? 0),
  }
}
