import { fillsOf, runOf, flat, type CaseContext, type Row, type RuleCase } from './rule-case.ts'

type Policy = 'worst' | 'best' | 'path_color' | 'path_near' | 'random'

/** Bought at 10 with TP 12 and SL 8; how the bar ends that reaches both. */
function exitOf(play: CaseContext['play'], bar: Row, fill: Policy, seed = '0'): string {
  const input = runOf({
    bars: [flat(10), flat(10), bar, flat(10)],
    policies: { fill, seed },
    decisions: [{ bar: 0, signal: 'BUY', tpPrice: 12, slPrice: 8 }],
  })
  const { reason, path } = fillsOf(play(input).records)[1]!
  return `${reason} ${path}`
}

const TAKEN = 'take_profit O-H-L-C'
const STOPPED = 'stop_loss O-L-H-C'

/** F7: the policies that are not the default. */
export const FILL_POLICY_CASES: RuleCase[] = [
  {
    rule: 'F7',
    title: 'best books the line that is worth more, worst the other',
    negative: false,
    run({ expect, play }) {
      const bar: Row = [10, 13, 7, 11]

      // O-H-L-C meets 12 first, O-L-H-C meets 8 first: 12 or 8 in cash.
      expect(exitOf(play, bar, 'best')).toBe(TAKEN)
      expect(exitOf(play, bar, 'worst')).toBe(STOPPED)
    },
  },
  {
    rule: 'F7',
    title: 'path_color: a rising bar went down first, a falling one up first, any other is worst',
    negative: false,
    run({ expect, play }) {
      expect(exitOf(play, [10, 13, 7, 11], 'path_color')).toBe(STOPPED)
      expect(exitOf(play, [10, 13, 7, 9], 'path_color')).toBe(TAKEN)
      expect(exitOf(play, [10, 13, 7, 10], 'path_color')).toBe(STOPPED)
    },
  },
  {
    rule: 'F7',
    title: 'path_near: the nearer extreme first, equal distances are worst',
    negative: false,
    run({ expect, play }) {
      expect(exitOf(play, [10, 12.5, 7, 10], 'path_near')).toBe(TAKEN)
      expect(exitOf(play, [10, 13, 7.5, 10], 'path_near')).toBe(STOPPED)
      expect(exitOf(play, [10, 13, 7, 11], 'path_near')).toBe(STOPPED)
    },
  },
  {
    rule: 'F7',
    title: 'random: the draw of (seed, symbol, open time) alone',
    negative: false,
    run({ expect, play }) {
      const bar: Row = [10, 13, 7, 11]

      // mix(mix(FNV-1a("seed/AAA") xor low word of 1704074400000) xor high word): the top bit decides.
      // Seed 0: 0xe941b76a, low first. 1: 0x2a5a397f, 2: 0x27fbfdac, abc: 0x6ba11d3f, high first.
      const ends = ['0', '1', '2', 'abc'].map((seed) => exitOf(play, bar, 'random', seed))
      expect(ends).toEqual([STOPPED, TAKEN, TAKEN, TAKEN])
    },
  },
  {
    rule: 'F7',
    title: 'crossingPolicy of a decision overrides the policy of the run, and the fill says so',
    negative: false,
    run({ expect, play }) {
      const bars: Row[] = [flat(10), flat(10), [10, 13, 7, 11], flat(10)]
      const ask = { bar: 0, signal: 'BUY' as const, tpPrice: 12, slPrice: 8 }
      const run = runOf({ bars, decisions: [{ ...ask, crossingPolicy: 'best' }] })

      // best is the second policy: 1 + 1.
      expect(fillsOf(play(run).records)[1]).toMatchObject({ reason: 'take_profit', path: 'O-H-L-C', needed: 2 })
      expect(fillsOf(play(runOf({ bars, decisions: [ask] })).records)[1]).toMatchObject({
        reason: 'stop_loss',
        needed: 0,
      })
    },
  },
  {
    rule: 'F7',
    title: 'lots of one symbol that want different policies are booked by worst',
    negative: true,
    run({ expect, play }) {
      const ask = { bar: 0, signal: 'BUY' as const, tpPrice: 12, slPrice: 8 }
      const run = runOf({
        bars: [flat(10), flat(10), [10, 13, 7, 11], flat(10)],
        execution: { onSame: 'add' },
        policies: { fill: 'best' },
        decisions: [{ ...ask, crossingPolicy: 'path_near' }, ask],
      })

      expect(fillsOf(play(run).records).slice(2)).toMatchObject([
        { reason: 'stop_loss', needed: 1 },
        { reason: 'stop_loss', needed: 1 },
      ])
    },
  },
  {
    rule: 'F7',
    title: 'a bar that both lines end alike is booked alike under every policy, by one of the two lines',
    negative: true,
    run({ expect, play }) {
      for (const fill of ['worst', 'best', 'path_color', 'path_near', 'random'] as const) {
        expect(exitOf(play, [10, 12.5, 9, 11], fill)).toMatch(/^take_profit O-/)
      }
    },
  },
]
