/*
 * Theory of operation: a bar is the line O-X-Y-C (F6). A segment is walked from its start towards its end; the nearest
 * level in the direction of travel that the end reaches is met next, and what is born there (a lot with its bracket)
 * lives from there on. Up: take profits and buy stops; down: stop losses and buy limits. At equal levels stops come before
 * limits, then ids. Nothing is booked here: a line is a list of meetings, and the caller plays both lines from the same
 * state before it books one. A line of shorts is walked in the mirror: all its prices are negated, and so it knows longs only.
 */
import { endExits, meetExit, nextExit } from './line-exits.ts'
import type { LineOrder, LineRules, Corners, Line } from './line.ts'
import { newMeeting, type Meeting } from './meeting.ts'
import { partOf, roomLeft } from './participation.ts'

/** Plays one line through its corners. Lots and orders are changed and lots born are appended. */
export function walkLine(line: Line, corners: Corners, rules: LineRules): void {
  const { liquidation } = rules
  for (let i = 0; i + 1 < corners.length; i++) {
    const from = corners[i]!
    const to = corners[i + 1]!
    if (liquidation !== null) {
      const marks = liquidation.marks ?? corners
      if (walkWatched(line, { from, to, markFrom: marks[i]!, markTo: marks[i + 1]! }, rules)) return
    } else if (to > from) walkUp(line, from, to, rules)
    else if (to < from) walkDown(line, from, to, rules)
  }
}

function walkUp(line: Line, from: number, to: number, rules: LineRules): void {
  let current = from
  for (;;) {
    const met = nextUp(line, current, to, rules)
    if (met === null) return
    meet(line, met, rules)
    if (met.level > current) current = met.level
  }
}

function walkDown(line: Line, from: number, to: number, rules: LineRules): void {
  let current = from
  for (;;) {
    const met = nextDown(line, current, to, rules)
    if (met === null) return
    meet(line, met, rules)
    if (met.level < current) current = met.level
  }
}

interface Leg {
  readonly from: number
  readonly to: number
  readonly markFrom: number
  readonly markTo: number
}

/**
 * One segment with the mark watched: price and mark go through it at the same pace, so what comes first is what lies at
 * the smaller share of its own segment. True: the position was liquidated, and nothing is left to meet.
 */
function walkWatched(line: Line, leg: Leg, rules: LineRules): boolean {
  const { from, to, markFrom, markTo } = leg
  let current = from
  let share = 0
  for (;;) {
    const level = rules.liquidation!.level()
    const met = to > from ? nextUp(line, current, to, rules) : to < from ? nextDown(line, current, to, rules) : null
    let reached = current
    if (met !== null && (to > from ? met.level > current : met.level < current)) reached = met.level
    const shareMet = met === null ? 2 : Math.max(share, from === to ? 0 : (reached - from) / (to - from))
    const mark = markFrom + (markTo - markFrom) * share
    const shareLevel = mark <= level ? share : markTo <= level ? (level - markFrom) / (markTo - markFrom) : 2
    if (shareLevel <= 1 && shareLevel <= shareMet) {
      liquidate(line, level, rules)
      return true
    }
    if (met === null) return false
    meet(line, met, rules)
    current = reached
    share = shareMet
  }
}

function liquidate(line: Line, level: number, rules: LineRules): void {
  const meeting: Meeting = newMeeting('liquidation', -1, level)
  line.meetings.push(meeting)
  rules.met?.(meeting)
  for (const lot of line.lots) lot.open = false
  for (const order of line.orders) order.working = false
  endExits(line)
}

function meet(line: Line, meeting: Meeting, rules: LineRules): void {
  if (meeting.kind === 'exit_limit' || meeting.kind === 'exit_stop') return meetExit(line, meeting, rules)
  const isExit = meeting.kind === 'take_profit' || meeting.kind === 'stop_loss'
  const subject = isExit ? line.lots[meeting.at]! : line.orders[meeting.at]!
  meeting.units = isExit
    ? partOf(line.room, subject.units, subject.whole)
    : unitsOfEntry(line, line.orders[meeting.at]!)
  meeting.quantity = meeting.units === subject.units ? subject.quantity : rules.quantityOf(meeting.units)
  if (!isExit) rules.pay?.(meeting)
  rules.met?.(meeting)
  line.meetings.push(meeting)
  if (line.room !== null) line.room.used += meeting.units
  if (isExit) exitLot(line, meeting, rules)
  else enterOrder(line, meeting, rules)
}

function unitsOfEntry(line: Line, order: LineOrder): number {
  const units = order.fills ? partOf(line.room, order.units, order.whole) : 0
  return order.isAllOrNothing && units < order.units ? 0 : units
}

/** A lot ends, or goes on with less; a stop that its bar has no room for waits for the next one (F9). */
function exitLot(line: Line, meeting: Meeting, rules: LineRules): void {
  const lot = line.lots[meeting.at]!
  for (const order of line.orders) if (order.key === lot.key) order.working = false
  if (meeting.units === lot.units) {
    lot.open = false
    endExits(line)
    return
  }
  lot.units -= meeting.units
  lot.quantity = rules.quantityOf(lot.units)
  if (meeting.kind === 'take_profit') return
  lot.tp = Number.NaN
  lot.sl = Number.NaN
}

/** An order becomes a lot or adds to its own. A limit works on; what has triggered is no level of this bar any more. */
function enterOrder(line: Line, meeting: Meeting, rules: LineRules): void {
  const order = line.orders[meeting.at]!
  const { units, shortage } = meeting
  if (shortage !== null) order.units = shortage.units
  if (units > 0 && order.lot >= 0) {
    const lot = line.lots[order.lot]!
    lot.units += units
    lot.quantity = rules.quantityOf(lot.units)
    if (lot.units > lot.whole) lot.whole = lot.units
  } else if (units > 0) {
    for (const other of line.orders) if (other.key === order.key) other.lot = line.lots.length
    line.lots.push(rules.bear(meeting.at, meeting.level, units))
  }
  order.units -= units
  order.quantity = rules.quantityOf(order.units)
  if (order.isStop || order.isImmediate || !(order.units > 0)) order.working = false
}

/** Limits wait where their bar has no room. */
function hasRoom(line: Line): boolean {
  return line.room === null || roomLeft(line.room) > 0
}

/*
 * Lots and orders stand in order of id and stops are looked at first, so of equal distances the first found is met. A level
 * that is already behind has distance 0.
 */
function nextUp(line: Line, current: number, to: number, rules: LineRules): Meeting | null {
  let kind: Meeting['kind'] = 'stop'
  let at = -1
  let nearest = Number.POSITIVE_INFINITY
  for (let i = 0; i < line.orders.length; i++) {
    const order = line.orders[i]!
    if (!order.working || !order.isStop || to < order.price) continue
    const reached = order.price > current ? order.price : current
    if (reached < nearest) {
      at = i
      nearest = reached
    }
  }
  for (let i = 0; i < line.lots.length; i++) {
    const lot = line.lots[i]!
    if (!lot.open || !rules.sellPassed(to, lot.tp) || !hasRoom(line)) continue
    const reached = lot.tp > current ? lot.tp : current
    if (reached < nearest) {
      kind = 'take_profit'
      at = i
      nearest = reached
    }
  }
  const exit = nextExit(line, { isUp: true, current, nearest }, (price) => rules.sellPassed(to, price))
  if (exit >= 0) return newMeeting('exit_limit', exit, line.exits[exit]!.price)
  if (at < 0) return null
  return newMeeting(kind, at, kind === 'stop' ? line.orders[at]!.price : line.lots[at]!.tp)
}

function nextDown(line: Line, current: number, to: number, rules: LineRules): Meeting | null {
  let kind: Meeting['kind'] = 'stop_loss'
  let at = -1
  let nearest = Number.NEGATIVE_INFINITY
  for (let i = 0; i < line.lots.length; i++) {
    const lot = line.lots[i]!
    if (!lot.open || !(to <= lot.sl)) continue
    const reached = lot.sl < current ? lot.sl : current
    if (reached > nearest) {
      at = i
      nearest = reached
    }
  }
  const exit = nextExit(line, { isUp: false, current, nearest }, (price) => to <= price)
  if (exit >= 0) {
    const { price } = line.exits[exit]!
    kind = 'exit_stop'
    at = exit
    nearest = price < current ? price : current
  }
  for (let i = 0; i < line.orders.length; i++) {
    const order = line.orders[i]!
    if (!order.working || order.isStop || !rules.buyPassed(to, order.price) || !hasRoom(line)) continue
    const reached = order.price < current ? order.price : current
    if (reached > nearest) {
      kind = 'limit'
      at = i
      nearest = reached
    }
  }
  if (at < 0) return null
  if (kind === 'exit_stop') return newMeeting(kind, at, line.exits[at]!.price)
  return newMeeting(kind, at, kind === 'limit' ? line.orders[at]!.price : line.lots[at]!.sl)
}
