import { firstExtreme, policyOf, worthOf } from './reference-engine-lines.ts'
import { bracketActs, isLevel, restingLevel, restsAt } from './reference-engine-stops.ts'
import { partOf, roomLeft } from './reference-engine-cap.ts'
import { cancelIn, closeLot, fillEntry, goOn, stopLot } from './reference-engine-fills.ts'
import { takerPrice } from './reference-engine-prices.ts'
import { liquidate, liquidationOf, markBar } from './reference-engine-liquidation.ts'
import { positionOf } from './reference-engine-perp.ts'
import { knobsOf, passesLimit, quantityOf, sideOf } from './reference-engine-rules.ts'
import type { Book, Lot, ReferenceBar, ReferenceInput, WorkingEntry, Run } from './reference-engine-types.ts'

type Line = 'O-H-L-C' | 'O-L-H-C'

/** Step 7: the path of each symbol's bar, both lines, the worse one is booked (F6, F7). */
export function playPaths(run: Run, k: number): void {
  for (let symbol = 0; symbol < run.input.bars.length; symbol++) {
    const bar = run.liveBar(symbol, k)
    if (bar === null) continue
    const lots = run.book.lots.filter((lot) => lot.symbol === symbol)
    const brackets = lots.some((lot) => lot.tp !== null || lot.sl !== null)
    const levels = run.book.entries.some((entry) => entry.symbol === symbol && entry.type !== 'market')
    const watched = liquidationOf(run.input, run.book, symbol) !== null
    if (!brackets && !levels && !watched) continue
    const marks = run.input.config.perpetual === undefined ? bar : markBar(run.input, symbol, bar, k)
    const time = run.input.opens[k]!
    const highFirst = playLine(run.input, run.book, { symbol, bar, marks, time, line: 'O-H-L-C' })
    const lowFirst = playLine(run.input, run.book, { symbol, bar, marks, time, line: 'O-L-H-C' })
    const entries = run.book.entries.filter((entry) => {
      if (entry.symbol !== symbol) return false
      return isLevel(entry) || restsAt(entry, time)
    })
    const concerned = (lots.length > 0 ? lots : entries).map(({ decided }) => decided)
    const policy = policyOf(run.input, concerned)
    const first = firstExtreme(run.input, policy, {
      symbol,
      bar,
      high: highFirst.worth,
      low: lowFirst.worth,
      held: lots.length > 0,
    })
    const booked = first === 'high' ? highFirst : lowFirst
    run.input.onBranch?.(`${policy} ${first} first`)
    if (highFirst.worth !== lowFirst.worth) run.input.onBranch?.('lines differ')
    else run.input.onBranch?.(lots.length > 0 ? 'lines equal with lots' : 'lines equal without lots')
    if (policy !== run.input.config.fill) {
      run.input.onBranch?.('policy of the lots')
      const code = 1 + ['worst', 'best', 'path_color', 'path_near', 'random'].indexOf(policy)
      for (const record of booked.book.records.slice(run.book.records.length)) {
        if (record.kind === 'fill' && record.reason !== 'liquidation') record.needed = code
      }
    }
    run.book = booked.book
  }
}

interface Walk {
  symbol: number
  bar: ReferenceBar
  /** Mark prices; the bar itself where the last price is the mark. */
  marks: ReferenceBar
  time: number
  line: Line
}

function playLine(input: ReferenceInput, before: Book, walk: Walk): { book: Book; worth: number } {
  const book: Book = {
    ...before,
    pending: [...before.pending],
    entries: before.entries.map((entry) => ({ ...entry })),
    closes: [...before.closes],
    lots: before.lots.map((lot) => ({ ...lot })),
    records: [...before.records],
    trades: [...before.trades],
    used: new Map(before.used),
    wallets: new Map(before.wallets),
    freshMarks: new Map(before.freshMarks),
    gain: 0,
  }
  const points = pointsOf(walk.bar, walk.line)
  const marks = pointsOf(walk.marks, walk.line)
  for (let i = 0; i < 3; i++) {
    const segment = { ...walk, from: points[i]!, to: points[i + 1]!, markFrom: marks[i]!, markTo: marks[i + 1]! }
    walkSegment(input, book, segment)
  }
  const { close } = walk.bar
  const worth = worthOf(input, { before, book, symbol: walk.symbol, close })
  return { book, worth }
}

/** An order that the line meets: stops go before limits at one level, then ids. */
interface Met {
  level: number
  side: 'buy' | 'sell'
  isStop: boolean
  id: number
  fill: () => void
}

type Segment = Walk & { from: number; to: number; markFrom: number; markTo: number }

function pointsOf({ open, high, low, close }: ReferenceBar, line: Line): number[] {
  return line === 'O-H-L-C' ? [open, high, low, close] : [open, low, high, close]
}

function walkSegment(input: ReferenceInput, book: Book, walk: Segment): void {
  const { from, to } = walk
  const rising = to > from
  let current = from
  let share = 0
  for (;;) {
    const met = from === to ? [] : rising ? metRising(input, book, walk) : metFalling(input, book, walk)
    // A level that is behind already is met here and now.
    const place = (m: Met): number => (rising ? Math.max(m.level, current) : Math.min(m.level, current))
    met.sort((a, b) => {
      if (place(a) !== place(b)) return rising ? place(a) - place(b) : place(b) - place(a)
      if (a.isStop !== b.isStop) return a.isStop ? -1 : 1
      return a.id - b.id
    })
    const next = met[0]
    const shareOfNext = next === undefined ? Infinity : Math.max(share, (place(next) - from) / (to - from))
    const shareOfLiquidation = liquidationShare(input, book, { ...walk, share })
    if (shareOfLiquidation !== null && shareOfLiquidation <= shareOfNext) {
      const { symbol, line: path, time } = walk
      liquidate(input, book, { symbol, step: 7, path, time })
      return
    }
    if (next === undefined) return
    if (place(next) !== next.level) input.onBranch?.('level behind the price')
    if (met.length > 1 && place(met[1]!) === place(next)) input.onBranch?.('equal places on the line')
    next.fill()
    current = place(next)
    share = shareOfNext
  }
}

/** Share of the segment at which the mark touches the liquidation price, from `share` on; null: it does not. */
function liquidationShare(input: ReferenceInput, book: Book, at: Segment & { share: number }): number | null {
  const level = liquidationOf(input, book, at.symbol)
  if (level === null) return null
  const isLong = positionOf(input, book, at.symbol)!.side === 'long'
  const reached = (mark: number): boolean => (isLong ? mark <= level : mark >= level)
  const { markFrom, markTo, share } = at
  if (reached(markFrom + (markTo - markFrom) * share)) return share
  return reached(markTo) ? (level - markFrom) / (markTo - markFrom) : null
}

/** What stands in the way up: sell limits and buy stops, whether entries or brackets. */
function metRising(input: ReferenceInput, book: Book, walk: Walk & { to: number }): Met[] {
  return reachable(input, book, walk).filter((m) => m.isStop === (m.side === 'buy'))
}

/** What stands in the way down: buy limits and sell stops. */
function metFalling(input: ReferenceInput, book: Book, walk: Walk & { to: number }): Met[] {
  return reachable(input, book, walk).filter((m) => m.isStop === (m.side === 'sell'))
}

/** Orders and brackets of the symbol that a line which goes to `to` reaches or passes. */
function reachable(input: ReferenceInput, book: Book, walk: Walk & { to: number }): Met[] {
  const met: Met[] = []
  for (const lot of book.lots.filter((one) => one.symbol === walk.symbol)) {
    const side = lot.side === 'long' ? 'sell' : 'buy'
    if (!bracketActs(input, { type: lot.entryType, born: lot.born }, walk.time)) {
      input.onBranch?.('bracket that does not act yet')
      continue
    }
    if (lot.tp !== null) {
      met.push({ level: lot.tp, side, isStop: false, id: lot.id, fill: () => takeProfit(input, book, { lot, walk }) })
    }
    if (lot.sl !== null && !lot.stopped) {
      met.push({ level: lot.sl, side, isStop: true, id: lot.id, fill: () => stopLoss(input, book, { lot, walk }) })
    }
  }
  for (const entry of book.entries.filter((one) => one.symbol === walk.symbol)) {
    const asked = { entry, walk }
    if (isLevel(entry)) {
      const fill = (): void => (entry.type === 'stop' ? stopEntry : stopLimitEntry)(input, book, asked)
      met.push({ level: entry.level, side: sideOf(entry.decided), isStop: true, id: entry.id, fill })
    } else if (restsAt(entry, walk.time)) {
      const fill = (): void => limitEntry(input, book, asked)
      met.push({ level: restingLevel(entry), side: sideOf(entry.decided), isStop: false, id: entry.id, fill })
    }
  }
  return met.filter(({ level, side, isStop }) => {
    if (!isStop && roomLeft(input, book, walk.symbol, walk.bar) === 0) return false
    if (!isStop) return passesLimit(input, { symbol: walk.symbol, side, level }, walk.to)
    return side === 'buy' ? walk.to >= level : walk.to <= level
  })
}

function takeProfit(input: ReferenceInput, book: Book, { lot, walk }: { lot: Lot; walk: Walk }): void {
  const level = lot.tp!
  const units = partOf(input, book, { symbol: lot.symbol, bar: walk.bar, units: lot.units, whole: lot.largest })
  closeLot(input, book, {
    lot,
    units,
    reason: 'take_profit',
    orderType: 'limit',
    order: 0,
    decision: lot.decided.number,
    where: { rule: 'F2', liquidity: 'maker', path: walk.line, step: 7, time: walk.time, gross: level, price: level },
  })
}

function stopLoss(input: ReferenceInput, book: Book, { lot, walk }: { lot: Lot; walk: Walk }): void {
  const level = lot.sl!
  const units = partOf(input, book, { symbol: lot.symbol, bar: walk.bar, units: lot.units, whole: lot.largest })
  const isPart = units < lot.units
  if (units === 0) return stopLot(input, book, lot, { step: 7, time: walk.time })
  const quantity = quantityOf(knobsOf(input, lot.symbol), units)
  const price = takerPrice(input, {
    symbol: lot.symbol,
    side: lot.side === 'long' ? 'sell' : 'buy',
    gross: level,
    quantity,
    bar: walk.bar,
  })
  closeLot(input, book, {
    lot,
    units,
    reason: lot.trails ? 'trailing_stop' : 'stop_loss',
    orderType: 'stop',
    order: 0,
    decision: lot.decided.number,
    where: { rule: 'F3', liquidity: 'taker', path: walk.line, step: 7, time: walk.time, gross: level, price },
  })
  if (isPart) stopLot(input, book, lot, { step: 7, time: walk.time })
}

/** F9 and F5: what of an entry fills where the line meets it; 0: nothing, it only triggers. */
function unitsMet(input: ReferenceInput, book: Book, { entry, walk }: { entry: WorkingEntry; walk: Walk }): number {
  const units = partOf(input, book, { symbol: entry.symbol, bar: walk.bar, units: entry.units, whole: entry.asked })
  return entry.decided.row.timeInForce === 'fok' && units < entry.units ? 0 : units
}

/** What triggers without a fill: cancelled, or it goes on. */
function trigger(input: ReferenceInput, book: Book, { entry, walk }: { entry: WorkingEntry; walk: Walk }): void {
  const { timeInForce } = entry.decided.row
  goOn(entry, walk.time)
  if (timeInForce !== 'ioc' && timeInForce !== 'fok') return
  input.onBranch?.(`${entry.type} unfilled on the path`)
  const fields = { reason: 'unfilled', step: 7, time: walk.time, decision: entry.decided.number }
  cancelIn(input, book, entry, fields)
}

function stopEntry(input: ReferenceInput, book: Book, { entry, walk }: { entry: WorkingEntry; walk: Walk }): void {
  const { level, symbol } = entry
  const units = unitsMet(input, book, { entry, walk })
  if (units === 0) return trigger(input, book, { entry, walk })
  const quantity = quantityOf(knobsOf(input, symbol), units)
  const price = takerPrice(input, { symbol, side: sideOf(entry.decided), gross: level, quantity, bar: walk.bar })
  const where = {
    units,
    rule: 'F3',
    liquidity: 'taker',
    path: walk.line,
    step: 7,
    time: walk.time,
    gross: level,
    price,
  } as const
  fillEntry(input, book, entry, where)
}

/** F4 on the line: a fill at the stop if the limit allows it, else the order is a limit from the next bar on. */
function stopLimitEntry(input: ReferenceInput, book: Book, { entry, walk }: { entry: WorkingEntry; walk: Walk }): void {
  const { level, symbol, limit } = entry
  const side = sideOf(entry.decided)
  const isBeyond = side === 'buy' ? level > limit! : level < limit!
  if (isBeyond) input.onBranch?.('stop_limit rests after the path')
  const units = isBeyond ? 0 : unitsMet(input, book, { entry, walk })
  if (units === 0) return trigger(input, book, { entry, walk })
  const quantity = quantityOf(knobsOf(input, symbol), units)
  const price = takerPrice(input, { symbol, side, gross: level, quantity, bar: walk.bar, limit: limit! })
  const where = {
    units,
    rule: 'F4',
    liquidity: 'taker',
    path: walk.line,
    step: 7,
    time: walk.time,
    gross: level,
    price,
  } as const
  fillEntry(input, book, entry, where)
}

function limitEntry(input: ReferenceInput, book: Book, { entry, walk }: { entry: WorkingEntry; walk: Walk }): void {
  const price = restingLevel(entry)
  const where = {
    units: unitsMet(input, book, { entry, walk }),
    rule: 'F2',
    liquidity: 'maker',
    path: walk.line,
    step: 7,
    time: walk.time,
    gross: price,
    price,
  } as const
  fillEntry(input, book, entry, where)
}
