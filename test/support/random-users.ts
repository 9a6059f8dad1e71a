import type { Random } from './random.ts'
import type { ReferenceUsers } from './reference-engine-users.ts'

/** A number in [0, 1) that depends on x alone. */
const part = (x: number): number => (Math.abs(x) * 7.31) % 1

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

/** Policies by code of the user for some of the runs; what is not named stays a policy of the configuration. */
export function randomUsers(random: Random): ReferenceUsers | undefined {
  if (!random.chance(0.3)) return undefined
  const users: ReferenceUsers = {}
  if (random.chance(0.5)) users.fee = random.pick(FEES)
  if (random.chance(0.5)) users.slippage = random.pick(SLIPPAGES)
  if (random.chance(0.3)) users.capacity = random.pick(CAPACITIES)
  if (random.chance(0.3)) users.risk = random.pick(RISKS)
  if (random.chance(0.3)) users.sizing = random.pick(SIZINGS)
  return users
}
