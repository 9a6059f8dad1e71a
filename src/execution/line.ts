/* What a walk along a bar (path.ts) works on. */
import type { Meeting } from './meeting.ts'
import type { BarRoom } from './participation.ts'

/** A resting order against the lots. */
export interface LineExit {
  /** Index in `lots` of the only one that it closes; −1: any. */
  readonly lot: number
  readonly isStop: boolean
  readonly price: number
  readonly units: number
  working: boolean
}

/** A lot on the line. NaN levels: none. */
export interface LineLot {
  readonly id: number
  units: number
  quantity: number
  /** Units of which a remainder may be dust. */
  whole: number
  tp: number
  sl: number
  /** The same object for a lot and all the orders that enter it. */
  readonly key: object
  open: boolean
}

/** A resting entry order on the line. */
export interface LineOrder {
  readonly id: number
  readonly isStop: boolean
  readonly price: number
  /** Whether it fills where it is met; a stop_limit beyond its limit only triggers there. */
  readonly fills: boolean
  /** Whether it fills whole or not at all, and whether what does not fill at once is cancelled (F5). */
  readonly isAllOrNothing: boolean
  readonly isImmediate: boolean
  units: number
  quantity: number
  readonly whole: number
  readonly key: object
  /** Index in `lots` of the lot that it enters, else −1. */
  lot: number
  working: boolean
}

/** What the walk needs to know of the rules of the symbol. */
export interface LineRules {
  /** Whether a line that reaches up to x passes a take profit; down to x, a buy limit (F2). */
  sellPassed(x: number, limit: number): boolean
  buyPassed(x: number, limit: number): boolean
  /** Told each meeting before it changes lots or orders; null: nobody asks. */
  readonly met: ((meeting: Meeting) => void) | null
  /** Told each entry before that: lowers what it fills to what can be paid; null: all is reserved. */
  readonly pay: ((meeting: Meeting) => void) | null
  /** Liquidation of the position of the line; null: none can happen. */
  readonly liquidation: LineLiquidation | null
  /** The lot that is born when `units` of an order fill at `level`. */
  bear(order: number, level: number, units: number): LineLot
  quantityOf(units: number): number
  /** Units are whole steps: there is no dust. */
  readonly hasSteps: boolean
}

/** When the position of a line is liquidated: its mark is at or below the level, as if it were long. */
export interface LineLiquidation {
  /** Level for what is open at this moment; NaN: none. */
  readonly level: () => number
  /** Marks at the corners of the line; null: the line's own prices. */
  readonly marks: Corners | null
}

/** O, X, Y, C, for a detail candle with what joins it to its neighbours. */
export type Corners = readonly number[]

export interface Line {
  readonly lots: LineLot[]
  readonly orders: LineOrder[]
  readonly exits: LineExit[]
  readonly meetings: Meeting[]
  /** What the fills of the bar may take together (F9); null: anything. */
  readonly room: BarRoom | null
}
