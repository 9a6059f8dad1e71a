/* Parts of a fill, as code of the user answers them: shape, bounds and average (section 6). */
import { REMAINDER } from '../execution/participation.ts'
import { describeValue, fail } from '../strategies/failures.ts'
import type { PlainData } from './user-port.ts'

const MAX_PARTS = 1000

interface Part {
  readonly quantity: number
  readonly price: number
}

/** Which answer it is, for messages: "The fill answered call 3 …". */
interface Answered {
  readonly what: string
  readonly call: number
}

/** Parts `[{quantity, price}, …]`, 1,000 at most; anything else fails with bad_answer or policy_out_of_bounds. */
export function readParts(answer: PlainData, { what, call }: Answered): Part[] {
  if (!Array.isArray(answer)) {
    return fail('bad_answer', `The ${what} answered call ${call} with ${describeValue(answer)}, expected an array`)
  }
  if (answer.length > MAX_PARTS) {
    return fail(
      'policy_out_of_bounds',
      `The ${what} answered call ${call} with ${answer.length} parts, expected at most ${MAX_PARTS}`,
    )
  }
  return answer.map((part: PlainData) => {
    const isRecord = typeof part === 'object' && part !== null && !Array.isArray(part)
    const { quantity, price, ...rest } = isRecord ? (part as Record<string, PlainData>) : {}
    if (typeof quantity !== 'number' || typeof price !== 'number' || Object.keys(rest).length > 0) {
      return fail(
        'bad_answer',
        `The ${what} answered call ${call} with a part of another shape, expected {quantity, price}`,
      )
    }
    return { quantity, price }
  })
}

/** Sum of the quantities: each above 0 at a price from `least` to `most`, together `quantity` at most; else policy_out_of_bounds. */
export function sumOfParts(
  parts: readonly Part[],
  { what, call }: Answered,
  { quantity, least, most }: { quantity: number; least: number; most: number },
): number {
  const refuse = (found: string, expected: string): never =>
    fail('policy_out_of_bounds', `The ${what} answered call ${call} with ${found}, expected ${expected}`)
  let sum = 0
  for (const part of parts) {
    if (!(part.quantity > 0)) return refuse(`a quantity of ${part.quantity}`, 'more than 0')
    if (!(part.price >= least && part.price <= most)) return refuse(`a price of ${part.price}`, `${least} to ${most}`)
    sum += part.quantity
  }
  return sum > quantity + REMAINDER * quantity ? refuse(`${sum} in all`, `at most ${quantity}`) : sum
}

/** Average price of parts that are `quantity` together. */
export function meanOf(parts: readonly Part[], quantity: number): number {
  let value = 0
  let lowest = Number.POSITIVE_INFINITY
  let highest = 0
  for (const part of parts) {
    value += part.quantity * part.price
    lowest = Math.min(lowest, part.price)
    highest = Math.max(highest, part.price)
  }
  // Rounding must not lead beyond a limit
  return Math.min(Math.max(value / quantity, lowest), highest)
}

/** Average over the parts and, at `price`, what they leave of `quantity`. */
export function averageOf(parts: readonly Part[], { quantity, price }: Part): number {
  let left = quantity
  for (const part of parts) left -= part.quantity
  if (left > REMAINDER * quantity) return meanOf([...parts, { quantity: left, price }], quantity)
  return meanOf(parts, quantity - left)
}
