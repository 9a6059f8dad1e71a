import type { Random } from './random.ts'
import type { ReferenceInput } from './reference-engine-types.ts'
import type { ReferenceUsers } from './reference-engine-users.ts'

type Executor = NonNullable<ReferenceUsers['executor']>

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
    isAdded = true
  }
  return isAdded
}
