import { capacityLimit, riskLimit } from './reference-engine-limits.ts'
import { cashNeed, dearestStop, fullNeed, shrinkUnits, slipped, userRate } from './reference-engine-prices.ts'
import { cancelEntry } from './reference-engine-cancel.ts'
import { belowMinimum, knobsOf, note, opens, quantityOf, sideOf, toTick } from './reference-engine-rules.ts'
import { isTooEarly, unitsOfLeg } from './reference-engine-legs.ts'
import { cancelResting } from './reference-engine-ends.ts'
import { freeCash } from './reference-engine-perp.ts'
import { targetQuantity } from './reference-engine-sizing.ts'
import type { Decided, Pending, ReferenceRecord, WorkingEntry, Run } from './reference-engine-types.ts'

/** Step 5: admission, in order of decision number. */
export function admitProposals(run: Run, k: number): void {
  const { book, input } = run
  const time = input.opens[k]!
  book.admissionCash = freeCash(run, null, k)
  for (const pending of [...book.pending].sort((a, b) => a.decided.number - b.decided.number)) {
    const { row } = pending.decided
    if (row.entryTime !== undefined && row.entryTime > time) continue
    if (isTooEarly(run, pending, k)) {
      run.input.onBranch?.('leg that is not live yet')
      continue
    }
    if (run.liveBar(row.symbol, k) === null) {
      pending.waited++
      if (pending.waited > input.config.execution.maxWaitBars) {
        refuse(run, pending, { reason: 'expired_stale', quantity: row.size ?? 0, k })
      }
      continue
    }
    pending.waited = 0
    admit(run, pending, k)
  }
}

type Refusal = Partial<ReferenceRecord> & { reason: string; quantity: number; k: number }

function refuse(run: Run, pending: Pending, refusal: Refusal): void {
  const { book } = run
  const mayRetry = ['capacity', 'insufficient_cash', 'risk'].includes(refusal.reason)
  if (mayRetry && pending.triesLeft > 0) {
    pending.triesLeft--
    run.input.onBranch?.('retry')
    return
  }
  book.pending = book.pending.filter((other) => other !== pending)
  note(book, {
    kind: 'refuse',
    reason: refusal.reason,
    side: sideOf(pending.decided),
    orderType: refusal.orderType ?? 'none',
    step: 5,
    symbol: pending.decided.row.symbol,
    decision: pending.decided.number,
    time: run.input.opens[refusal.k]!,
    quantity: refusal.quantity,
    needed: refusal.needed ?? 0,
    available: refusal.available ?? 0,
  })
}

/** What an order is by its price and the close of its decision (P7). */
export function entryType(decided: Decided): WorkingEntry['type'] {
  const { entryPrice, entryType: asked, executor } = decided.row
  if (entryPrice === undefined || asked === 'market' || executor !== undefined) return 'market'
  if (asked === 'limit' || asked === 'stop' || asked === 'stop_limit') return asked
  if (entryPrice === decided.close) return 'limit'
  return entryPrice < decided.close === (sideOf(decided) === 'buy') ? 'limit' : 'stop'
}

function admit(run: Run, pending: Pending, k: number): void {
  const { book, input } = run
  const { decided } = pending
  const { row } = decided
  const knobs = knobsOf(input, row.symbol)
  const side = sideOf(decided)
  if (isOver(run, decided, k)) return refuse(run, pending, { reason: 'expired', quantity: row.size ?? 0, k })
  if (book.lots.some((lot) => lot.symbol === row.symbol && lot.side !== opens(decided))) {
    return refuse(run, pending, { reason: 'opposite_position', quantity: row.size ?? 0, k })
  }
  const full = capacityLimit(run, decided, k)
  if (full !== null) return refuse(run, pending, { reason: 'capacity', quantity: row.size ?? 0, ...full, k })
  const target = targetQuantity(run, decided, k)
  if (typeof target === 'string') return refuse(run, pending, { reason: target, quantity: 0, k })
  const orderType = entryType(decided)
  let level = 0
  const [towards, away] = side === 'buy' ? (['down', 'up'] as const) : (['up', 'down'] as const)
  if (orderType === 'limit') level = toTick(knobs, row.entryPrice!, towards)
  if (orderType === 'stop' || orderType === 'stop_limit') level = toTick(knobs, row.entryPrice!, away)
  const limit = orderType === 'stop_limit' ? toTick(knobs, row.limitPrice!, towards) : null
  let units = unitsOfLeg(input, decided, target)
  const quantity = quantityOf(knobs, units)
  let price = level
  if (orderType === 'market') {
    const bar = input.bars[row.symbol]![row.bar]!
    const against = side === 'buy' ? 'up' : 'down'
    price = toTick(knobs, slipped(input, { symbol: row.symbol, side, gross: decided.close, quantity, bar }), against)
  }
  // A short stop_limit sells at its stop if that is above its limit.
  if (limit !== null) price = side === 'buy' ? limit : Math.max(level, limit)
  if (orderType === 'stop' && side === 'buy') price = toTick(knobs, dearestStop(input, level), 'up')
  if (quantity <= 0) return refuse(run, pending, { reason: 'zero_quantity', orderType, quantity, k })
  if (quantity < knobs.minQuantity)
    return refuse(run, pending, { reason: 'below_min_quantity', orderType, quantity, k })
  if (belowMinimum(knobs, quantity, price)) {
    return refuse(run, pending, { reason: 'below_min_notional', orderType, quantity, k })
  }
  const liquidity = orderType === 'limit' || orderType === 'stop_limit' ? 'either' : 'taker'
  const mayRest = orderType !== 'market'
  const rate = userRate(input, { symbol: row.symbol, side, quantity, price, liquidity, mayRest })
  const needed = cashNeed(input, book, { quantity, price, liquidity, rate })
  const { cashCheck } = input.config.execution
  const available = cashCheck === 'admit' ? freeCash(run, null, k) : book.admissionCash
  const isShort = cashCheck !== 'fill' && needed > available
  if (isShort) {
    const shrink = input.config.execution.onShortfall === 'shrink'
    units = shrink ? shrinkUnits(input, book, { knobs, free: available, price, liquidity, rate }) : 0
    if (units === 0)
      return refuse(run, pending, { reason: 'insufficient_cash', orderType, quantity, needed, available, k })
  }
  if (knobs.step !== null && units > 2 ** 53) {
    return refuse(run, pending, { reason: 'quantity_too_large', orderType, quantity: quantityOf(knobs, units), k })
  }
  if (isShort) input.onBranch?.('shrunk at admission')
  const need = cashNeed(input, book, { quantity: quantityOf(knobs, units), price, liquidity, rate })
  const reserve = cashCheck === 'admit' ? need : 0
  const allowed = quantityOf(knobs, units)
  const exposure = fullNeed(input, book, { quantity: allowed, price, liquidity, rate })
  const risk = riskLimit(run, decided, { quantity: allowed, price, exposure, k })
  if (risk === 'no_stop') return refuse(run, pending, { reason: 'no_stop', orderType, quantity: allowed, k })
  if (risk !== null) return refuse(run, pending, { reason: 'risk', orderType, quantity: allowed, ...risk, k })
  book.pending = book.pending.filter((other) => other !== pending)
  const entry: WorkingEntry = {
    id: book.nextOrder++,
    decided,
    symbol: row.symbol,
    type: orderType,
    level,
    limit,
    triggered: null,
    asked: units,
    placed: input.opens[k]!,
    lot: null,
    takes: false,
    units,
    tp: row.tpPrice === undefined ? null : toTick(knobs, row.tpPrice, side === 'buy' ? 'up' : 'down'),
    sl: row.slPrice === undefined ? null : toTick(knobs, row.slPrice, side === 'buy' ? 'down' : 'up'),
    reserve,
    exposure,
    endsAt: endOf(run, decided, k),
    waited: 0,
    liveBars: 0,
  }
  book.entries.push(entry)
  book.admissionCash = book.admissionCash - need
  note(book, {
    kind: 'admit',
    side,
    orderType,
    step: 5,
    symbol: row.symbol,
    order: entry.id,
    decision: decided.number,
    time: input.opens[k]!,
    quantity: quantityOf(knobs, units),
    gross: level,
    price: limit ?? 0,
    needed: reserve,
  })
}

/** The time of a leg that was taken back goes on. */
export function endOf(run: Run, decided: Decided, k: number): number | null {
  const { asked } = decided
  if (asked?.endsAt !== undefined) return asked.endsAt
  const end = firstEndOf(run, decided, k)
  if (asked !== null) asked.endsAt = end
  return end
}

/** P2: a leg that was taken back, and whose time is up before it can be placed again. */
export function isOver(run: Run, { asked }: Decided, k: number): boolean {
  const endsAt = asked?.endsAt ?? null
  if (endsAt === null || endsAt > run.input.opens[k]!) return false
  run.input.onBranch?.('leg over before it is placed again')
  return true
}

/** F5: when the time of an order admitted at tau(k) is up. */
function firstEndOf(run: Run, { row }: Decided, k: number): number | null {
  const { opens } = run.input
  if (row.timeInForce === 'gtd') return opens[k + row.expiresAfterBars!] ?? null
  if (row.timeInForce !== 'day') return null
  const date = new Date(opens[k]!)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + 1)
}

/** Step 1: orders whose time is up. */
export function expireEntries(run: Run, k: number): void {
  const time = run.input.opens[k]!
  const over = run.book.entries.filter((entry) => entry.endsAt !== null && entry.endsAt <= time)
  for (const entry of over.sort((a, b) => a.id - b.id)) {
    run.input.onBranch?.(`${entry.decided.row.timeInForce} over`)
    cancelEntry(run, entry.id, { reason: 'expired', step: 1, time, decision: entry.decided.number })
  }
  const { book, input } = run
  for (const exit of book.exits.filter(({ endsAt }) => endsAt !== null && endsAt <= time)) {
    cancelResting(input, book, exit, { reason: 'expired', step: 1, time, decision: exit.decided.number })
  }
}
