export interface Totals {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

export function addTotals(a: Totals, b: Totals): Totals {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped }
}

/** What a level leaves to say behind its own output: a line for each failed test, for each one left out. */
export interface Remarks {
  readonly failed: readonly string[]
  readonly leftOut: readonly string[]
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

interface FileReport {
  readonly name: string
  readonly message: string
  readonly assertionResults: readonly {
    readonly fullName: string
    readonly status: string
    readonly failureMessages: readonly string[]
  }[]
}

const MESSAGE_LINES = 12

/** The failed tests of a level's report with the start of their messages, and the names of those left out. */
export function readVitestRemarks(report: string | null): Remarks {
  const files = report === null ? [] : (JSON.parse(report) as { testResults: readonly FileReport[] }).testResults
  const failed: string[] = []
  const leftOut: string[] = []
  for (const { name, message, assertionResults } of files) {
    if (message !== '') failed.push(`${name}: ${firstLines(message)}`)
    for (const { fullName, status, failureMessages } of assertionResults) {
      if (status === 'failed') failed.push(`${name}: ${fullName}\n${firstLines(failureMessages.join('\n'))}`)
      else if (status !== 'passed') leftOut.push(`${name}: ${fullName}`)
    }
  }
  return { failed, leftOut }
}

function firstLines(text: string): string {
  return text.split('\n').slice(0, MESSAGE_LINES).join('\n')
}
