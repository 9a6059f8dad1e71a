import { liquidate } from './reference-engine-liquidation.ts'
import { isIsolated } from './reference-engine-perp.ts'
import { knobsOf, lastBar, note, quantityOf } from './reference-engine-rules.ts'
import type { ReferenceFunding, Run } from './reference-engine-types.ts'

const HOUR = 60 * 60 * 1000

/** L1: up to a second after a whole minute is that minute. */
function stampOf(time: number): number {
  const minute = Math.floor(time / 60_000) * 60_000
  return time - minute <= 1000 ? minute : time
}

function rowsOf(run: Run, symbol: number): ReferenceFunding[] {
  const plan = run.input.config.perpetual!.funding
  const rows = run.input.funding?.[symbol] ?? null
  if (plan === 'none') return []
  if (rows !== null) return rows
  if (plan === 'data') return []
  const { opens } = run.input
  const scheduled: ReferenceFunding[] = []
  for (let hour = Math.floor(opens[0]! / HOUR); hour * HOUR < opens.at(-1)!; hour++) {
    if (hour % plan.everyHours === 0) scheduled.push({ time: hour * HOUR, rate: plan.rate, mark: null })
  }
  return scheduled
}

/** Step 3 (rows stamped tau(k)) and, after step 6, rows stamped inside the bar of slot k. */
export function chargeFunding(run: Run, k: number, when: 'at the open' | 'inside'): void {
  const { opens, bars } = run.input
  for (let symbol = 0; symbol < bars.length; symbol++) {
    for (const row of rowsOf(run, symbol)) {
      const stamp = stampOf(row.time)
      const isDue =
        when === 'at the open'
          ? stamp === opens[k]!
          : stamp > opens[k]! && stamp < opens[k + 1]! && stamp < opens.at(-1)!
      if (isDue) chargeRow(run, k, { symbol, row, stamp, step: when === 'at the open' ? 3 : 6 })
    }
  }
}

function chargeRow(
  run: Run,
  k: number,
  due: { symbol: number; row: ReferenceFunding; stamp: number; step: number },
): void {
  const { input, book } = run
  const { symbol, row, step } = due
  const lots = book.lots.filter((lot) => lot.symbol === symbol)
  if (lots.length === 0) return
  const usesMarks = input.config.perpetual!.mark === 'auto'
  const candle = usesMarks ? input.marks?.[symbol]?.find(({ time }) => time === due.stamp) : undefined
  const mark = row.mark ?? candle?.open ?? lastBar(run, symbol, k).close
  const source = row.mark !== null ? 1 : candle !== undefined ? 2 : 3
  input.onBranch?.(`funding mark ${source}`)
  const isScheduled = (input.funding?.[symbol] ?? null) === null
  for (const lot of lots) {
    const quantity = quantityOf(knobsOf(input, symbol), lot.units)
    const owed = quantity * mark * row.rate
    const asked = lot.side === 'long' ? -owed : owed
    let payment = asked
    if (isIsolated(input)) {
      const wallet = book.wallets.get(symbol)!
      if (asked < -wallet) {
        payment = -wallet
        input.onBranch?.('insured funding')
      }
      book.wallets.set(symbol, wallet + payment)
    } else book.cash = book.cash + payment
    lot.net = lot.net + payment
    note(book, {
      kind: 'funding',
      reason: isScheduled ? 'scheduled_funding' : 'funding',
      side: lot.side === 'long' ? 'buy' : 'sell',
      rule: 'L1',
      step,
      symbol,
      order: source,
      lot: lot.id,
      decision: lot.decided.number,
      time: input.opens[k]!,
      quantity,
      gross: mark,
      price: row.rate,
      realised: payment,
      needed: asked,
      available: row.time,
    })
  }
  if (isIsolated(input) && book.wallets.get(symbol)! <= 0) {
    input.onBranch?.('liquidated by funding')
    liquidate(input, book, { symbol, step, path: 'none', time: input.opens[k]! })
  }
}
