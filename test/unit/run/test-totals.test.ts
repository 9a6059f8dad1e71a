import { describe, it } from 'vitest'
import { addTotals, readVitestTotals, staticTotals } from '../../support/test-totals.ts'

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

describe('addTotals()', () => {
  it('adds a failed static check', ({ expect }) => {
    const sum = addTotals({ passed: 1, failed: 0, skipped: 2 }, staticTotals(2))

    expect(sum).toEqual({ passed: 1, failed: 1, skipped: 2 })
  })
})
