import { cancelIn } from './reference-engine-cancel.ts'
import { cancelResting } from './reference-engine-ends.ts'
import { areLegs } from './reference-engine-legs.ts'
import { knobsOf, quantityOf } from './reference-engine-rules.ts'
import { viewOf } from './reference-engine-users.ts'
import type { AskedLeg, ReferenceDecision } from './reference-engine-decision.ts'
import type { Decided, Run } from './reference-engine-types.ts'

export function askedOf(row: ReferenceDecision): AskedLeg | null {
  if (row.priceFn === undefined && row.whenFn === undefined) return null
  return { isLive: row.whenFn === undefined, left: null }
}

/** P2: the functions of all legs that wait or work, once the bar of their symbol has closed at tau(k). */
export function askLegs(run: Run, k: number): void {
  const { book } = run
  const placed = [...book.pending, ...book.entries, ...book.exits].map(({ decided }) => decided)
  const living = [...placed, ...book.exitLegs].filter(({ asked }) => asked !== null)
  for (const decided of living.sort((a, b) => a.number - b.number)) {
    const row = run.rowAt(decided.row.symbol, k - 1)
    if (row !== -1) askLeg(run, decided, { k, row })
  }
}

function askLeg(run: Run, decided: Decided, { k, row }: { k: number; row: number }): void {
  const { whenFn, priceFn, symbol } = decided.row
  const bar = run.input.bars[symbol]![row]!
  const ask = (text: string): number | boolean => {
    const { fn, args } = JSON.parse(text) as { fn: string; args: Record<string, number> }
    run.input.onBranch?.(`leg asked for ${fn}`)
    return run.input.users!.leg!(fn, args, { ...viewOf(run, run.equity, k), bar }, lotView(run, decided))
  }
  if (whenFn !== undefined && !decided.asked!.isLive) decided.asked!.isLive = ask(whenFn) as boolean
  if (priceFn === undefined) return
  const price = ask(priceFn) as number
  if (price === decided.row.entryPrice) return
  decided.row = { ...decided.row, entryPrice: price }
  decided.close = bar.close
  const { book, input } = run
  const exit = book.exits.find((one) => one.decided === decided)
  if (exit !== undefined) {
    input.onBranch?.('exit leg repriced')
    const fields = { reason: 'repriced', step: 2, time: input.opens[k]!, decision: decided.number }
    cancelResting(input, book, exit, fields)
    book.exitLegs.push(decided)
    return
  }
  const entry = book.entries.find((one) => one.decided === decided)
  if (entry === undefined) return
  input.onBranch?.('leg repriced')
  decided.asked!.left = entry.units
  cancelIn(input, book, entry, { reason: 'repriced', step: 2, time: input.opens[k]!, decision: decided.number })
  book.pending.push({ decided, waited: 0, triesLeft: input.config.execution.retryBars })
}

function lotView(run: Run, decided: Decided): object | null {
  const lot = run.book.lots.find((one) => areLegs(one.decided, decided))
  if (lot === undefined) return null
  const { id, side, units, entry, gross, tp, sl } = lot
  const quantity = quantityOf(knobsOf(run.input, lot.symbol), units)
  return { id, side, quantity, entry, gross, ...(tp === null ? {} : { tp }), ...(sl === null ? {} : { sl }) }
}
