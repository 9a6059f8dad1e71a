import { describe, it } from 'vitest'
import { addTotals, readVitestRemarks, readVitestTotals, staticTotals } from '../../support/test-totals.ts'

const report = (passed: number, failed: number, pending = 0) =>
  JSON.stringify({ numPassedTests: passed, numFailedTests: failed, numPendingTests: pending, numTodoTests: 0 })

describe('readVitestTotals()', () => {
  it('counts what the report says', ({ expect }) => {
    expect(readVitestTotals(report(5, 2, 1), 1)).toEqual({ passed: 5, failed: 2, skipped: 1 })
  })

  it('counts a bad end without a failed test as one failure', ({ expect }) => {
    expect(readVitestTotals(report(5, 0), 1)).toEqual({ passed: 5, failed: 1, skipped: 0 })
  })

  it('counts a missing report as one failure', ({ expect }) => {
    expect(readVitestTotals(null, 1)).toEqual({ passed: 0, failed: 1, skipped: 0 })
  })
})

describe('readVitestRemarks()', () => {
  it('names what failed with the start of its message, a file that did not load, and what was left out', ({
    expect,
  }) => {
    const stack = Array.from({ length: 40 }, (_, at) => `line ${at}`).join('\n')
    const assertionResults = [
      { fullName: 'adds', status: 'passed', failureMessages: [] },
      { fullName: 'divides', status: 'failed', failureMessages: [stack] },
      { fullName: 'multiplies', status: 'skipped', failureMessages: [] },
    ]
    const testResults = [
      { name: 'sums.test.ts', message: '', assertionResults },
      { name: 'broken.test.ts', message: 'no such module', assertionResults: [] },
    ]

    const { failed, leftOut } = readVitestRemarks(JSON.stringify({ testResults }))

    expect(failed).toHaveLength(2)
    expect(failed[0]).toMatch(/^sums\.test\.ts: divides\nline 0\n/)
    expect(failed[0]).not.toContain('line 12')
    expect(failed[1]).toBe('broken.test.ts: no such module')
    expect(leftOut).toEqual(['sums.test.ts: multiplies'])
  })

  it('has nothing to name without a report', ({ expect }) => {
    expect(readVitestRemarks(null)).toEqual({ failed: [], leftOut: [] })
  })
})

describe('addTotals()', () => {
  it('adds a failed static check', ({ expect }) => {
    const sum = addTotals({ passed: 1, failed: 0, skipped: 2 }, staticTotals(2))

    expect(sum).toEqual({ passed: 1, failed: 1, skipped: 2 })
  })
})
