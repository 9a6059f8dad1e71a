import { firstExtreme, pickedLine, policyOf, worthOf, type PlayedBar } from './reference-engine-lines.ts'
import { detailMarks, detailOf, piecesOf, type Piece } from './reference-engine-detail.ts'
import { bracketActs, isLevel, restingLevel, restsAt } from './reference-engine-stops.ts'
import { partOf, roomLeft } from './reference-engine-cap.ts'
import { limitEntry, stopEntry, stopLimitEntry } from './reference-engine-line-entries.ts'
import { notePathCash } from './reference-engine-line-cash.ts'
import { closeLot, stopLot } from './reference-engine-fills.ts'
import { filledAt, viewOnLine } from './reference-engine-user-fill.ts'
import { viewOf } from './reference-engine-users.ts'
import { takerPrice } from './reference-engine-prices.ts'
import { fillExitOnPath } from './reference-engine-resting.ts'
import { liquidate, liquidationOf, markBar } from './reference-engine-liquidation.ts'
import { positionOf } from './reference-engine-perp.ts'
import { knobsOf, passesLimit, quantityOf, sideOf } from './reference-engine-rules.ts'
import type { Book, Lot, ReferenceBar, ReferenceInput, Run } from './reference-engine-types.ts'

type Line = 'O-H-L-C' | 'O-L-H-C'

/** Step 7: the path of each symbol's bar, both lines, the worse one is booked (F6, F7). */
export function playPaths(run: Run, k: number): void {
  notePathCash(run, k)
  for (let symbol = 0; symbol < run.input.bars.length; symbol++) {
    const bar = run.liveBar(symbol, k)
    if (bar === null) continue
    const lots = run.book.lots.filter((lot) => lot.symbol === symbol)
    const brackets = lots.some((lot) => lot.tp !== null || lot.sl !== null)
    const levels = run.book.entries.some((entry) => entry.symbol === symbol && entry.type !== 'market')
    const watched = liquidationOf(run.input, run.book, symbol) !== null
    const exits = run.book.exits.some((exit) => exit.symbol === symbol)
    if (!brackets && !levels && !watched && !exits) continue
    const time = run.input.opens[k]!
    const entries = run.book.entries.filter((entry) => {
      if (entry.symbol !== symbol) return false
      return isLevel(entry) || restsAt(entry, time)
    })
    const concerned = (lots.length > 0 ? lots : entries).map(({ decided }) => decided)
    const policy = policyOf(run.input, concerned)
    if (policy !== 'detail' || !playDetail(run, { symbol, bar, k })) {
      playBar(run, { symbol, bar, k, concerned, policy: policy === 'detail' ? 'worst' : policy })
    }
  }
}

function playBar(run: Run, { symbol, bar, k, concerned, policy }: PlayedBar): void {
  const marks = run.input.config.perpetual === undefined ? bar : markBar(run.input, symbol, bar, k)
  const held = run.book.lots.some((lot) => lot.symbol === symbol)
  const piece = { candle: bar, before: [], after: [] }
  const whole = { symbol, bar, time: run.input.opens[k]!, piece, marks: { candle: marks, before: [], after: [] } }
  run.book.told = viewOf(run, run.equity, k)
  const highFirst = playLine(run.input, run.book, { ...whole, line: 'O-H-L-C' })
  const lowFirst = playLine(run.input, run.book, { ...whole, line: 'O-L-H-C' })
  const picked = pickedLine(run, { symbol, bar, concerned, high: highFirst.worth, low: lowFirst.worth })
  if (picked !== null) {
    run.input.onBranch?.(`resolver picks ${picked}`)
    return book(run, picked === 'O-H-L-C' ? highFirst : lowFirst, 7)
  }
  const first = firstExtreme(run.input, policy, { symbol, bar, high: highFirst.worth, low: lowFirst.worth, held })
  run.input.onBranch?.(`${policy} ${first} first`)
  if (highFirst.worth !== lowFirst.worth) run.input.onBranch?.('lines differ')
  else run.input.onBranch?.(held ? 'lines equal with lots' : 'lines equal without lots')
  if (policy === run.input.config.fill) book(run, first === 'high' ? highFirst : lowFirst, 0)
  else {
    run.input.onBranch?.(run.input.config.fill === 'detail' ? 'worst for want of detail' : 'policy of the lots')
    const code = 1 + ['worst', 'best', 'path_color', 'path_near', 'random', 'detail'].indexOf(policy)
    book(run, first === 'high' ? highFirst : lowFirst, code)
  }
}

/** F7 `detail`: each detail candle by `worst`, one after another; false: they do not cover the bar. */
function playDetail(run: Run, { symbol, bar, k }: { symbol: number; bar: ReferenceBar; k: number }): boolean {
  const detail = detailOf(run.input, symbol, k)
  if (detail === null) return false
  const marks = detailMarks(run.input, symbol, k, detail)
  if (marks === null) return false
  const isPerp = run.input.config.perpetual !== undefined
  const markPieces = piecesOf(isPerp ? markBar(run.input, symbol, bar, k) : bar, marks)
  for (const [i, piece] of piecesOf(bar, detail).entries()) {
    const held = run.book.lots.some((lot) => lot.symbol === symbol)
    const walk = { symbol, bar, time: run.input.opens[k]!, piece, marks: markPieces[i]! }
    run.book.told = viewOf(run, run.equity, k)
    const highFirst = playLine(run.input, run.book, { ...walk, line: 'O-H-L-C' })
    const lowFirst = playLine(run.input, run.book, { ...walk, line: 'O-L-H-C' })
    if (highFirst.worth !== lowFirst.worth) run.input.onBranch?.('lines of a detail candle differ')
    const isHigh = highFirst.worth === lowFirst.worth ? held : highFirst.worth < lowFirst.worth
    book(run, isHigh ? highFirst : lowFirst, piece.candle.time)
  }
  return true
}

/** What the line did happens; its fills say by what it was chosen. */
function book(run: Run, line: { book: Book }, code: number): void {
  for (const record of line.book.records.slice(run.book.records.length)) {
    if (record.kind !== 'fill' || record.reason === 'liquidation' || code === 0) continue
    record.needed = code
    if (code > 7) run.input.onBranch?.(`detail fill ${record.reason}`)
  }
  run.book = line.book
}

export interface Walk {
  symbol: number
  bar: ReferenceBar
  /** What is walked through, and the marks on the way: the same where the last price is the mark. */
  piece: Piece
  marks: Piece
  time: number
  line: Line
}

function playLine(input: ReferenceInput, before: Book, walk: Walk): { book: Book; worth: number } {
  const book: Book = {
    ...before,
    pending: [...before.pending],
    entries: before.entries.map((entry) => ({ ...entry })),
    exits: [...before.exits],
    exitLegs: [...before.exitLegs],
    closes: [...before.closes],
    lots: before.lots.map((lot) => ({ ...lot })),
    records: [...before.records],
    trades: [...before.trades],
    used: new Map(before.used),
    wallets: new Map(before.wallets),
    freshMarks: new Map(before.freshMarks),
    gain: 0,
  }
  const points = pointsOf(walk.piece, walk.line)
  const marks = pointsOf(walk.marks, walk.line)
  for (let i = 0; i + 1 < points.length; i++) {
    const segment = { ...walk, from: points[i]!, to: points[i + 1]!, markFrom: marks[i]!, markTo: marks[i + 1]! }
    walkSegment(input, book, segment)
  }
  const close = points.at(-1)!
  const worth = worthOf(input, { before, book, symbol: walk.symbol, close })
  return { book, worth }
}

/** An order that the line meets: stops go before limits at one level, then ids. */
interface Met {
  level: number
  side: 'buy' | 'sell'
  isStop: boolean
  /** A resting exit: after brackets at the same level. */
  isExit?: boolean
  id: number
  fill: () => void
}

type Segment = Walk & { from: number; to: number; markFrom: number; markTo: number }

function pointsOf({ candle, before, after }: Piece, line: Line): number[] {
  const { open, high, low, close } = candle
  return [...before, ...(line === 'O-H-L-C' ? [open, high, low, close] : [open, low, high, close]), ...after]
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
      if (a.isExit !== b.isExit) return a.isExit ? 1 : -1
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
    if (!bracketActs(input, { type: lot.entryType, born: lot.born, decided: lot.decided }, walk.time)) {
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
  for (const exit of book.exits.filter((one) => one.symbol === walk.symbol)) {
    const isStop = exit.type === 'stop'
    const fill = (): void => fillExitOnPath(input, book, { exit, walk })
    met.push({ level: exit.level, side: sideOf(exit.decided), isStop, isExit: true, id: exit.id, fill })
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
  const quantity = quantityOf(knobsOf(input, lot.symbol), units)
  const met = { symbol: lot.symbol, side: lot.side === 'long' ? 'sell' : 'buy', kind: 'exit', type: 'limit' } as const
  const priced = { gross: level, price: level, limit: level, liquidity: 'maker' } as const
  const price = filledAt(input, { ...met, ...priced, quantity, bar: walk.bar, view: viewOnLine(book) })
  closeLot(input, book, {
    lot,
    units,
    reason: 'take_profit',
    orderType: 'limit',
    order: 0,
    decision: lot.decided.number,
    where: { rule: 'F2', liquidity: 'maker', path: walk.line, step: 7, time: walk.time, gross: level, price },
  })
}

function stopLoss(input: ReferenceInput, book: Book, { lot, walk }: { lot: Lot; walk: Walk }): void {
  const level = lot.sl!
  const units = partOf(input, book, { symbol: lot.symbol, bar: walk.bar, units: lot.units, whole: lot.largest })
  const isPart = units < lot.units
  if (units === 0) return stopLot(input, book, lot, { step: 7, time: walk.time })
  const quantity = quantityOf(knobsOf(input, lot.symbol), units)
  const side = lot.side === 'long' ? 'sell' : 'buy'
  const slipped = takerPrice(input, {
    symbol: lot.symbol,
    side,
    gross: level,
    quantity,
    bar: walk.bar,
  })
  const met = { symbol: lot.symbol, side, kind: 'exit', type: 'stop', quantity, limit: null } as const
  const priced = { gross: level, price: slipped, liquidity: 'taker' } as const
  const price = filledAt(input, { ...met, ...priced, bar: walk.bar, view: viewOnLine(book) })
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
