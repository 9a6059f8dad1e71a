import fc from 'fast-check'
import { describe, test } from 'vitest'
import { playTimeline, type TimelineOutput } from '../../../src/backtest/play-timeline.ts'
import { decodeRecords } from '../../../src/backtest/record-stream.ts'
import type { EngineRecord } from '../../../src/backtest/records.ts'
import { randomPerpRun } from '../../support/random-perp-runs.ts'
import { randomRun, type RandomRun } from '../../support/random-runs.ts'
import { timelineInput } from '../../support/timeline-input.ts'

/** C3 over random order streams: the engine's own check holds, and so do sums that are made of its records alone. */
const EVENTS = 100_000
const RUNS = 1000

interface Lot {
  quantity: number
  cost: number
  side: number
}

/** What records say, up to the last one that was taken. */
class Books {
  readonly lots = new Map<number, Lot>()
  profit: number
  /** Largest Σ|q·p| and money so far, which the tolerance goes by. */
  largest: number

  constructor(initialCash: number) {
    this.profit = initialCash
    this.largest = initialCash
  }

  /** Signed cost of what is open. */
  get cost(): number {
    let sum = 0
    for (const { cost, side } of this.lots.values()) sum += side * cost
    return sum
  }

  get tolerance(): number {
    return 1e-9 * this.largest
  }

  take(record: EngineRecord): void {
    const { kind, realised } = record
    if (kind === 'fill') this.#fill(record)
    else if (kind === 'funding' || kind === 'write_off') this.profit += realised
    this.largest = Math.max(this.largest, Math.abs(record.cash), Math.abs(this.profit), Math.abs(this.cost))
  }

  #fill({ reason, side, lot, quantity, price, fee, realised }: EngineRecord): void {
    this.profit += realised - fee
    const known = this.lots.get(lot)
    if (reason === 'entry') {
      const { quantity: q, cost } = known ?? { quantity: 0, cost: 0 }
      this.lots.set(lot, { quantity: q + quantity, cost: cost + quantity * price, side: side === 'buy' ? 1 : -1 })
      return
    }
    if (known === undefined) throw new Error(`Lot ${lot} is closed before it is opened`)
    known.cost -= known.cost * Math.min(1, quantity / known.quantity)
    known.quantity -= quantity
    if (known.quantity <= 1e-12 * quantity) this.lots.delete(lot)
  }
}

function play(run: RandomRun): { output: TimelineOutput; records: EngineRecord[] } {
  const output = playTimeline(timelineInput(run.input, run))
  return { output, records: decodeRecords(output.records) }
}

/** Checks random runs, after each record and at their end; how many events they had. */
function overRandomRuns(
  runOf: (seed: number) => RandomRun,
  check: (record: EngineRecord, books: Books) => void,
): number {
  const counts: number[] = []
  const property = fc.property(fc.integer({ min: 1, max: 2 ** 30 }), (seed) => {
    const run = runOf(seed)
    const { output, records } = play(run)
    const books = new Books(run.input.config.initialCash)
    if (output.breach !== null) throw new Error(output.breach)
    for (const record of records) {
      books.take(record)
      check(record, books)
    }
    checkEnd(output, books)
    counts.push(records.length + output.equity.length)
  })
  fc.assert(property, { numRuns: RUNS, seed: 1 })
  return counts.reduce((sum, count) => sum + count, 0)
}

describe('the two sums of an account', () => {
  test(`agree after each of ${EVENTS} records and closes on spot markets`, ({ expect }) => {
    const events = overRandomRuns(randomRun, (record, books) => {
      // Cash side and profit side, each lot at its own price: the marks of both sides cancel out
      if (Math.abs(record.cash + books.cost - books.profit) > books.tolerance)
        throw new Error(`${record.cash} and ${books.cost} against ${books.profit}: ${JSON.stringify(record)}`)
    })

    expect(events).toBeGreaterThanOrEqual(EVENTS)
  })

  test(`agree after each of ${EVENTS} records and closes on perpetuals`, ({ expect }) => {
    const seen = new Set<string>()
    const events = overRandomRuns(randomPerpRun, (record, books) => {
      seen.add(record.kind)
      // Without a position all money is free
      if (books.lots.size === 0 && Math.abs(record.cash - books.profit) > books.tolerance)
        throw new Error(`${record.cash} against ${books.profit}: ${JSON.stringify(record)}`)
    })

    expect(events).toBeGreaterThanOrEqual(EVENTS)
    expect([...seen]).toEqual(expect.arrayContaining(['funding', 'liquidate', 'write_off']))
  })
})

/** The last E, which is made of cash, wallets and positions, against what the records earned and the open lots stand at. */
function checkEnd({ equity, openLots }: TimelineOutput, books: Books): void {
  const unrealised = openLots.reduce(
    (sum, { side, quantity, mark, entry }) => sum + (side === 'long' ? 1 : -1) * quantity * (mark - entry),
    0,
  )
  const last = equity.at(-1)!
  const bankrupt = equity.indexOf(0)
  if (bankrupt >= 0) {
    // E stays 0 whatever becomes of positions that were left (M)
    if (equity.subarray(bankrupt).some((value) => value !== 0)) throw new Error(`E is ${last} after a bankruptcy`)
    return
  }
  const profit = books.profit + unrealised
  if (Math.abs(last - profit) > books.tolerance) throw new Error(`E ends at ${last}, the records say ${profit}`)
}
