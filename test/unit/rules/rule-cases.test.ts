import { describe, test } from 'vitest'
import { playTimeline } from '../../../src/backtest/play-timeline.ts'
import { decodeRecords } from '../../../src/backtest/record-stream.ts'
import { RULES } from '../../../src/backtest/rule-set.ts'
import { referenceRun } from '../../support/reference-engine.ts'
import { timelineInput } from '../../support/timeline-input.ts'
import { FURTHER_IDS, RULE_CASES } from './rule-cases.ts'
import type { Play } from './rule-case.ts'

const playProduct: Play = (input) => {
  const output = playTimeline(timelineInput(input, { interval: '1h', lookback: 0 }))
  if (output.breach !== null) throw new Error(output.breach)
  return { records: decodeRecords(output.records), equity: [...output.equity] }
}

describe.for([
  { engine: 'phase 2', play: playProduct },
  { engine: 'the reference engine', play: referenceRun },
])('cases computed by hand hold for $engine', ({ play }) => {
  for (const ruleCase of RULE_CASES) {
    test(`${ruleCase.rule}: ${ruleCase.title}`, async ({ expect }) => {
      await ruleCase.run({ expect, play })
    })
  }
})

describe('the table of cases', () => {
  test.for([...RULES, ...FURTHER_IDS])('has two cases for %s, one of them negative', (id, { expect }) => {
    const cases = RULE_CASES.filter(({ rule }) => rule === id || (id === 'P3' && /^P3[a-z]$/.test(rule)))

    expect(cases.length).toBeGreaterThanOrEqual(2)
    expect(cases.some(({ negative }) => negative)).toBe(true)
    expect(cases.some(({ negative }) => !negative)).toBe(true)
  })

  test('names no rule that there is not', ({ expect }) => {
    const known: readonly string[] = [...RULES, ...FURTHER_IDS]

    expect(RULE_CASES.map(({ rule }) => rule).filter((rule) => !known.includes(rule))).toEqual([])
  })
})
