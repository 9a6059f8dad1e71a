import type { Random } from './random.ts'
import type { ReferenceBar } from './reference-engine-types.ts'
import type { ReferenceUsers } from './reference-engine-users.ts'

/** A number in [0, 1) that depends on x alone. */
const part = (x: number): number => (Math.abs(x) * 7.31) % 1

type FillOrder = Parameters<NonNullable<ReferenceUsers['fill']>>[0]

type View = { equity: number; maxSize: number; lots: unknown[]; orders: unknown[] }

const FEES: readonly NonNullable<ReferenceUsers['fee']>[] = [
  ({ notional, liquidity }) => notional * (liquidity === 'maker' ? 0.0002 : 0.004),
  ({ notional }) => Math.min(0.5, notional * 0.05),
  ({ notional, quantity }) => notional * (part(quantity) * 0.051 - 0.001),
  ({ notional, kind }) => (kind === 'exit' ? -notional * 0.001 : notional * 0.01),
]

const SLIPPAGES: readonly NonNullable<ReferenceUsers['slippage']>[] = [
  ({ side, quantity }, { volume }, gross) => {
    const share = volume > 0 ? Math.min(0.05, quantity / volume) : 0.05
    return side === 'buy' ? gross * (1 + share) : gross * (1 - share)
  },
  ({ side }, { high, low }, gross) => {
    const spread = Math.min(gross * 0.04, (high - low) / 8)
    return side === 'buy' ? gross + spread : gross - spread
  },
  (_order, _bar, gross) => gross,
]

const CAPACITIES: readonly NonNullable<ReferenceUsers['capacity']>[] = [
  (_proposal, _time, view) => {
    const { lots, orders } = view as View
    return lots.length + orders.length < 2 || { admit: false, reason: 'two are enough' }
  },
  (_proposal, time) => time % 5 !== 0 || { admit: false, reason: 'not now' },
]

const RISKS: readonly NonNullable<ReferenceUsers['risk']>[] = [
  (proposal, quantity, view) => {
    const { price } = proposal as { price: number }
    return quantity * price < (view as View).equity / 2 || { admit: false, reason: 'half is enough' }
  },
  (proposal) => ('stop' in proposal ? true : { admit: false, reason: 'no stop' }),
]

const SIZINGS: readonly NonNullable<ReferenceUsers['sizing']>[] = [
  (meta, action, view) => {
    const { close } = meta as { close: number }
    const { equity, maxSize } = view as View
    return Math.min(maxSize, (Math.max(0, equity) * (action === 'add' ? 0.1 : 0.6)) / close)
  },
  (meta, _action, view) => Math.min((view as View).maxSize, part((meta as { close: number }).close) * 4),
]

/** Prices inside the bar, not beyond the limit; an entry inside a bar has no more than its reserve. */
const within = (order: FillOrder, { low, high }: ReferenceBar, share: number): number => {
  const { side, kind, gross, limit } = order
  const top = side === 'buy' ? Math.min(high, limit ?? gross * 1.05) : kind === 'entry' ? Math.min(high, gross) : high
  const bottom = side === 'sell' && limit !== undefined ? Math.max(low, limit) : low
  return top >= bottom ? Math.min(top, Math.max(bottom, bottom + (top - bottom) * share)) : Number.NaN
}

const FILLS: readonly NonNullable<ReferenceUsers['fill']>[] = [
  (order, bar) => {
    const price = within(order, bar, part(order.gross))
    return price > 0 ? [{ quantity: order.quantity, price }] : []
  },
  (order, bar) => {
    const [one, two] = [within(order, bar, part(order.quantity)), within(order, bar, part(order.price * 3))]
    if (!(one > 0 && two > 0)) return []
    return [
      { quantity: order.quantity / 3, price: one },
      { quantity: order.quantity / 4, price: two },
    ]
  },
  (order, bar, view) => {
    const price = within(order, bar, (view as View).lots.length % 2)
    return order.kind === 'exit' && price > 0 ? [{ quantity: order.quantity / 2, price }] : []
  },
  () => [],
]

/** Policies by code of the user for some of the runs; what is not named stays a policy of the configuration. */
export function randomUsers(random: Random): ReferenceUsers | undefined {
  if (!random.chance(0.3)) return undefined
  const users: ReferenceUsers = {}
  if (random.chance(0.5)) users.fee = random.pick(FEES)
  if (random.chance(0.5)) users.slippage = random.pick(SLIPPAGES)
  if (random.chance(0.3)) users.capacity = random.pick(CAPACITIES)
  if (random.chance(0.3)) users.risk = random.pick(RISKS)
  if (random.chance(0.3)) users.sizing = random.pick(SIZINGS)
  if (random.chance(0.4)) users.fill = random.pick(FILLS)
  return users
}
