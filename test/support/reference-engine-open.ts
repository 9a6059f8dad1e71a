import { cashNeed, shrinkUnits, takerPrice, userRate } from './reference-engine-prices.ts'
import { partOf } from './reference-engine-cap.ts'
import { cancelEntry, cancelIn } from './reference-engine-cancel.ts'
import { feeOfEntry, fillEntry, goOn } from './reference-engine-fills.ts'
import { lotOf } from './reference-engine-legs.ts'
import { bracketActs, bracketOf, fillsAtLimit } from './reference-engine-stops.ts'
import { knobsOf, note, opens, passesLimit, quantityOf, sideOf } from './reference-engine-rules.ts'
import { marketBar } from './reference-engine-market.ts'
import { filledAt } from './reference-engine-user-fill.ts'
import { executed } from './reference-engine-executor.ts'
import { viewOf } from './reference-engine-users.ts'
import { freeCash } from './reference-engine-perp.ts'
import type { ReferenceRecord, WorkingEntry, Run } from './reference-engine-types.ts'

/** Step 6: entries at the open. */
export function openEntries(run: Run, k: number): void {
  const { book, input } = run
  for (const entry of [...book.entries].sort((a, b) => a.id - b.id)) {
    const bar = run.liveBar(entry.symbol, k)
    if (bar === null) {
      entry.waited++
      if (entry.waited > input.config.execution.maxWaitBars) {
        const fields = { reason: 'expired_stale', step: 6, time: input.opens[k]!, decision: entry.decided.number }
        cancelEntry(run, entry.id, fields)
      }
      continue
    }
    entry.waited = 0
    entry.liveBars++
    if (entry.decided.row.executor !== undefined) {
      execute(run, entry, k)
      continue
    }
    const fill = fillAtOpen(run, entry, k)
    const part = partOf(input, book, { symbol: entry.symbol, bar, units: entry.units, whole: entry.asked })
    const isWhole = part === entry.units || entry.decided.row.timeInForce !== 'fok'
    if (fill !== null && part > 0 && isWhole) {
      enter(run, entry, { ...fill, price: priceOfUser(run, entry, { ...fill, k, part }), k, part })
      continue
    }
    if (fill !== null) goOn(entry, input.opens[k]!)
    if (mustFillNow(entry)) cancelUnfilled(run, entry, k)
  }
}

function cancelUnfilled(run: Run, entry: WorkingEntry, k: number): void {
  run.input.onBranch?.(`${entry.decided.row.timeInForce} unfilled`)
  const { number: decision } = entry.decided
  cancelEntry(run, entry.id, { reason: 'unfilled', step: 6, time: run.input.opens[k]!, decision })
}

/** F13: its executor says what of the order fills in this bar. */
function execute(run: Run, entry: WorkingEntry, k: number): void {
  const filled = executed(run, entry, k)
  if (filled !== null) {
    const { price, units: part } = filled
    return enter(run, entry, { rule: 'F13', liquidity: 'taker', gross: price, price, k, part })
  }
  goOn(entry, run.input.opens[k]!)
  if (mustFillNow(entry)) cancelUnfilled(run, entry, k)
}

function priceOfUser(run: Run, entry: WorkingEntry, fill: OpenFill & { k: number; part: number }): number {
  const { symbol, type } = entry
  const { gross, price, liquidity } = fill
  const bar = type === 'market' ? marketBar(run, symbol, fill.k).bar : run.liveBar(symbol, fill.k)!
  const quantity = quantityOf(knobsOf(run.input, symbol), fill.part)
  const limit = type === 'limit' ? entry.level : entry.limit
  const order = { symbol, side: sideOf(entry.decided), kind: 'entry', type, quantity, limit } as const
  return filledAt(run.input, { ...order, gross, price, liquidity, bar, view: viewOf(run, run.equity, fill.k) })
}

/** F5: ioc and fok; a stop only once it has triggered. */
function mustFillNow(entry: WorkingEntry): boolean {
  const { timeInForce } = entry.decided.row
  return (timeInForce === 'ioc' || timeInForce === 'fok') && !waitsForTrigger(entry)
}

/** A stop or stop_limit that has not triggered. */
function waitsForTrigger(entry: WorkingEntry): boolean {
  return (entry.type === 'stop' && !entry.takes) || (entry.type === 'stop_limit' && entry.triggered === null)
}

type OpenFill = {
  rule: 'F1' | 'F2' | 'F3' | 'F4' | 'F13'
  liquidity: 'maker' | 'taker'
  gross: number
  price: number
}

function fillAtOpen(run: Run, entry: WorkingEntry, k: number): OpenFill | null {
  const { input } = run
  const { symbol } = entry
  const level = entry.triggered === null ? entry.level : entry.limit!
  const bar = run.liveBar(symbol, k)!
  const market = marketBar(run, symbol, k)
  const gross = entry.type === 'market' ? market.price : bar.open
  const side = sideOf(entry.decided)
  const beyond = (x: number, y: number): boolean => (side === 'buy' ? x > y : x < y)
  const part = partOf(input, run.book, { symbol, bar, units: entry.units, whole: entry.asked })
  const taking = {
    symbol,
    side,
    gross,
    quantity: quantityOf(knobsOf(input, symbol), part),
    bar: entry.type === 'market' ? market.bar : bar,
  }
  if (entry.type === 'market') return { rule: 'F1', liquidity: 'taker', gross, price: takerPrice(input, taking) }
  if (entry.type === 'stop') {
    return !entry.takes && beyond(level, gross)
      ? null
      : { rule: 'F3', liquidity: 'taker', gross, price: takerPrice(input, taking) }
  }
  if (entry.type === 'stop_limit' && entry.triggered === null) {
    if (beyond(level, gross)) return null
    if (!beyond(gross, entry.limit!)) {
      return { rule: 'F4', liquidity: 'taker', gross, price: takerPrice(input, { ...taking, limit: entry.limit! }) }
    }
    entry.triggered = input.opens[k]!
    input.onBranch?.('stop_limit rests after the open')
    return null
  }
  if (entry.liveBars === 1) {
    if (beyond(gross, level)) return null
    const price = takerPrice(input, { ...taking, limit: level })
    return { rule: 'F2', liquidity: 'taker', gross, price }
  }
  if (!passesLimit(input, { symbol, side, level }, gross)) return null
  const atLimit = fillsAtLimit(run, symbol, k)
  const price = atLimit ? level : gross
  input.onBranch?.(atLimit ? 'entry at its limit beyond the open' : 'resting entry at the open')
  return { rule: 'F2', liquidity: 'maker', gross: price, price }
}

function enter(run: Run, entry: WorkingEntry, fill: OpenFill & { k: number; part: number }): void {
  const { book, input } = run
  const knobs = knobsOf(input, entry.symbol)
  const quantity = quantityOf(knobs, entry.units)
  const time = input.opens[fill.k]!
  const refusal: Partial<ReferenceRecord> = {
    kind: 'refuse',
    side: sideOf(entry.decided),
    orderType: entry.type,
    step: 6,
    symbol: entry.symbol,
    order: entry.id,
    decision: entry.decided.number,
    time,
    quantity,
  }
  const lot = lotOf(book, entry)
  const end = (why: { reason: string; needed?: number; available?: number }): void => {
    const fields = { reason: why.reason, step: 6, time, decision: entry.decided.number }
    if (entry.lot !== null) return cancelIn(input, book, entry, fields)
    book.entries = book.entries.filter((other) => other !== entry)
    note(book, { ...refusal, ...why })
  }
  const { tp, sl } = lot ?? bracketOf(input, entry, fill.gross)
  const isMarket = entry.type === 'market' && entry.decided.row.executor === undefined
  const open = isMarket ? fill.gross : run.liveBar(entry.symbol, fill.k)!.open
  const [above, below] = opens(entry.decided) === 'long' ? [tp, sl] : [sl, tp]
  const { decided } = lot ?? entry
  const acts = bracketActs(input, { type: lot?.entryType ?? entry.type, born: lot?.born ?? time, decided }, time)
  if ((above !== null && above <= open) || (below !== null && below >= open)) {
    if (acts) return end({ reason: 'bracket_passed' })
    input.onBranch?.('entry beyond a bracket that does not act yet')
  }
  const { liquidity } = fill
  const charged = { symbol: entry.symbol, side: sideOf(entry.decided), quantity, price: fill.price, liquidity }
  const rate = userRate(input, { ...charged, mayRest: false })
  const needed = cashNeed(input, book, { quantity, price: fill.price, liquidity, rate })
  const available = freeCash(run, entry, fill.k)
  const before = entry.units
  if (needed > available) {
    const shrink = input.config.execution.onShortfall === 'shrink'
    const isRest = entry.lot !== null
    const asked = { knobs, free: available, price: fill.price, liquidity, rate, isRest }
    const units = shrink ? shrinkUnits(input, book, asked) : 0
    if (units === 0) return end({ reason: 'insufficient_cash', needed, available })
    entry.units = units
    input.onBranch?.('shrunk at the fill')
  }
  const units = Math.min(fill.part, entry.units)
  let paid: number | undefined
  if (input.users?.fee !== undefined) {
    const part = quantityOf(knobs, units)
    paid = feeOfEntry(input, book, entry, { quantity: part, price: fill.price, liquidity })
    const need = (part * fill.price) / (input.config.perpetual?.leverage ?? 1) + paid
    if (need > available) {
      input.onBranch?.('fee of the user beyond the cash')
      entry.units = before
      return end({ reason: 'insufficient_cash', needed: need, available })
    }
  }
  fillEntry(input, book, entry, {
    units,
    paid,
    rule: fill.rule,
    liquidity: fill.liquidity,
    path: 'none',
    step: 6,
    time,
    gross: fill.gross,
    price: fill.price,
  })
}
