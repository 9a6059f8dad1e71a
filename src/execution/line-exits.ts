/* Resting orders against the lots of a line (path.ts): they close lots in order of opening, or one of them, and end with the last. */
import { isDust } from './participation.ts'
import type { Meeting } from './meeting.ts'
import type { Line, LineExit, LineLot, LineRules } from './line.ts'

/**
 * The exit that is met before anything at `nearest`, −1: none. Up they are limits, down stops; of equal distances the first
 * is met. `reaches`: whether the segment reaches or passes a price.
 */
export function nextExit(
  { exits }: Line,
  { isUp, current, nearest }: { isUp: boolean; current: number; nearest: number },
  reaches: (price: number) => boolean,
): number {
  let found = -1
  let best = nearest
  for (let i = 0; i < exits.length; i++) {
    const { working, isStop, price } = exits[i]!
    if (!working || isStop === isUp || !reaches(price)) continue
    const reached = isUp ? Math.max(price, current) : Math.min(price, current)
    if (isUp ? reached < best : reached > best) {
      found = i
      best = reached
    }
  }
  return found
}

/** Without its lot, or any lot, there is nothing for one to close; what is born later on the line is not theirs. */
export function endExits(line: Line): void {
  if (line.exits.length === 0) return
  const isFlat = !line.lots.some(({ open }) => open)
  for (const exit of line.exits) if (isFlat || (exit.lot >= 0 && !line.lots[exit.lot]!.open)) exit.working = false
}

/** Whether an exit closes the lot at an index, if that is open. */
function isAbout({ lot }: LineExit, at: number): boolean {
  return lot < 0 || lot === at
}

/** A lot ends, and what enters it. */
function endLot(line: Line, lot: LineLot): void {
  lot.open = false
  for (const order of line.orders) if (order.key === lot.key) order.working = false
}

/** It closes as much as it asks for or as there is: one meeting for each lot, which all have the price of the first. */
export function meetExit(line: Line, { kind, at: exit, level }: Meeting, rules: LineRules): void {
  const order = line.exits[exit]!
  order.working = false
  let held = 0
  for (const [at, lot] of line.lots.entries()) if (lot.open && isAbout(order, at)) held += lot.units
  let rest = order.units < held ? order.units : held
  const total = rules.quantityOf(rest)
  let first: Meeting | null = null
  for (let at = 0; at < line.lots.length && rest > 0; at++) {
    const lot = line.lots[at]!
    if (!lot.open || !isAbout(order, at)) continue
    const isWhole = rest >= lot.units || isDust(rules, lot.units - rest, lot.whole)
    const units = isWhole ? lot.units : rest
    const quantity = isWhole ? lot.quantity : rules.quantityOf(units)
    const unknown = { shortage: null, price: Number.NaN, fee: Number.NaN }
    const part: Meeting = { kind, at, level, units, quantity, ...unknown, exit, first, total }
    first ??= part
    rules.met?.(part)
    line.meetings.push(part)
    rest -= units
    if (isWhole) endLot(line, lot)
    else {
      lot.units -= units
      lot.quantity = rules.quantityOf(lot.units)
    }
  }
  endExits(line)
}
