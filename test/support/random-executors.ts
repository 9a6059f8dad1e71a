import type { Random } from './random.ts'
import type { ReferenceInput } from './reference-engine-types.ts'
import type { ReferenceUsers } from './reference-engine-users.ts'

type Executor = NonNullable<ReferenceUsers['executor']>

/** A number in [0, 1) that depends on all that an executor is told. */
function drawn(told: unknown): number {
  const sorted = (_key: string, value: unknown): unknown =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value
  let sum = 0
  for (const char of JSON.stringify(told, sorted)) sum = (sum * 31 + char.charCodeAt(0)) % 1_000_003
  return sum / 1_000_003
}

const EXECUTORS: Readonly<Record<string, (...args: Parameters<Executor>) => ReturnType<Executor>>> = {
  atOnce: (_name, { quantity }, { open }) => [{ quantity, price: open }],
  thirds: (_name, { size, quantity }, { close }) => [{ quantity: Math.min(size / 3, quantity), price: close }],
  twoPrices: (_name, { quantity }, { low, high }) => [
    { quantity: quantity / 2, price: low },
    { quantity: quantity / 7, price: low + (high - low) / 3 },
  ],
  below: (_name, { quantity, entryPrice }, { low, open }) =>
    entryPrice !== undefined && low <= entryPrice && open >= entryPrice ? [{ quantity, price: entryPrice }] : [],
  falling: (_name, { quantity, left }, { open, close }) =>
    close < open ? [{ quantity: Math.min(quantity, left * 0.6), price: close }] : [],
  alone: (_name, { quantity, placed }, { time, high }, view) =>
    time > placed && (view as { lots: unknown[] }).lots.length === 0 ? [{ quantity, price: high }] : [],
  never: () => [],
  asked: (_name, order, bar, view) => {
    const share = drawn([order, bar, view])
    const price = bar.low + (bar.high - bar.low) * share
    return share < 0.3
      ? []
      : [{ quantity: order.quantity * (share < 0.6 ? share : 1), price: Math.min(price, bar.high) }]
  },
  allButDust: (_name, { quantity, size }, { open, close }) => [
    { quantity: Math.max(quantity / 2, quantity - size * 7e-13), price: open },
    ...(quantity > size / 2 ? [] : [{ quantity: quantity * 1e-13, price: close }]),
  ],
  nearlyAll: (_name, { quantity, left }, { close }) => [
    { quantity: quantity * (left === quantity ? 1 - 3e-13 : 1 - 1e-10), price: close },
  ],
  dust: (_name, { quantity, size }, { low }) => [{ quantity: Math.min(quantity, size * 1e-13), price: low }],
}

/** What the executors of random runs answer: it depends on the arguments alone. */
export const executorAnswer: Executor = (name, ...args) => EXECUTORS[name]!(name, ...args)

/** Some decisions of some runs name an executor in place of an entry type; whether there are any. */
export function addRandomExecutors(random: Random, input: ReferenceInput): boolean {
  if (!random.chance(0.15)) return false
  let isAdded = false
  for (const row of input.decisions) {
    const isAlone = row.leg === undefined && row.priceFn === undefined && row.whenFn === undefined
    if (!random.chance(0.5) || !isAlone || row.exitResolver !== undefined) continue
    delete row.entryType
    delete row.limitPrice
    row.executor = random.pick(Object.keys(EXECUTORS))
    if (random.chance(0.1)) {
      row.timeInForce = random.pick(['ioc', 'fok'])
      delete row.expiresAfterBars
    }
    isAdded = true
  }
  return isAdded
}
