import { describe, expect, it } from 'vitest'
import { createTimeRecorder } from '../../../orchestrator-service/sandbox/pool/pool-metrics.ts'
import { createArrivalRate, wantedCells } from '../../../orchestrator-service/sandbox/pool/pool-size.ts'
import { createRefillBreaker } from '../../../orchestrator-service/sandbox/pool/refill-breaker.ts'

describe('how many cells shall wait', () => {
  it('is one for rare jobs, and one more for each that comes while a cell is made', () => {
    expect(wantedCells(0, 300)).toBe(1)
    expect(wantedCells(1 / 60_000, 300)).toBe(1)
    expect(wantedCells(5 / 1000, 300)).toBe(3)
    expect(wantedCells(20 / 1000, 300)).toBe(7)
  })

  it.for([1, 4, 20])('finds a steady rate of %i a second, and forgets it', (perSecond) => {
    const rate = createArrivalRate()
    let now = 1e6
    for (let i = 0; i < perSecond * 90; i += 1) rate.note((now += 1000 / perSecond))

    expect(rate.perMs(now) * 1000).toBeGreaterThan(0.95 * perSecond)
    expect(rate.perMs(now) * 1000).toBeLessThan(1.1 * perSecond)
    expect(wantedCells(rate.perMs(now + 120_000), 1000)).toBe(1)
  })

  it('is not moved much by one burst', () => {
    const rate = createArrivalRate()
    for (let i = 0; i < 4; i += 1) rate.note(1000)

    expect(wantedCells(rate.perMs(1000), 300)).toBe(1)
  })
})

describe('the breaker of refills', () => {
  it('pauses after failures and slow calls, longer each time, and closes at the first good one', () => {
    const breaker = createRefillBreaker()
    expect(breaker.isPaused(0)).toBe(false)
    breaker.note(0, null)
    expect([breaker.isPaused(999), breaker.isPaused(1000)]).toEqual([true, false])
    breaker.note(1000, 2001)
    expect([breaker.isPaused(2999), breaker.isPaused(3000)]).toEqual([true, false])
    for (let i = 0; i < 20; i += 1) breaker.note(3000, null)
    expect([breaker.isPaused(62_999), breaker.isPaused(63_000)]).toEqual([true, false])
    breaker.note(63_000, 400)
    expect(breaker.isPaused(63_000)).toBe(false)
    breaker.note(63_000, null)
    expect(breaker.isPaused(64_000)).toBe(false)
  })
})

describe('the record of times', () => {
  it('counts each time once, and those beyond the last bound in the count only', () => {
    const times = createTimeRecorder()
    for (const ms of [0.2, 1, 1.5, 20_000]) times.add(ms)

    const { count, sum, buckets } = times.read()

    expect({ count, sum }).toEqual({ count: 4, sum: 20_002.7 })
    expect(buckets.slice(0, 3)).toEqual([2, 1, 0])
    expect(buckets.reduce((all, one) => all + one, 0)).toBe(3)
  })
})
