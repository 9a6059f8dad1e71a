import { Type } from 'typebox'
import { oneOf } from './one-of.ts'

/** Parts of a result that tell of positions: open lots, and what perpetuals have beside them. */
const strict = { additionalProperties: false } as const
const Count = Type.Integer({ minimum: 0 })
const DIRECTIONS = ['long', 'short'] as const

/** What a configuration says of perpetuals, after defaults. */
export const ResultPerpetual = Type.Object(
  {
    leverage: Type.Number(),
    marginMode: oneOf(['isolated', 'cross']),
    allowShort: Type.Boolean(),
    onOpposite: oneOf(['close', 'reverse', 'ignore']),
    mark: oneOf(['auto', 'last']),
    funding: Type.Union([
      oneOf(['data', 'none']),
      Type.Object({ everyHours: Type.Integer(), rate: Type.Number() }, strict),
    ]),
  },
  strict,
)

/** A lot that is open at the end. */
export const ResultLot = Type.Object(
  {
    lot: Count,
    symbol: Type.String(),
    direction: Type.Optional(oneOf(DIRECTIONS)),
    decision: Count,
    quantity: Type.Number(),
    entryTime: Type.Number(),
    entryPrice: Type.Number(),
    mark: Type.Number(),
    markTime: Type.Number(),
    unrealised: Type.Number(),
    /** Absent in results of earlier versions. */
    unrealisedReturn: Type.Optional(Type.Number()),
    realised: Type.Number(),
    fees: Type.Number(),
    funding: Type.Optional(Type.Number()),
  },
  strict,
)

/** Funding of one lot (L1): the first 10,000 payments; counts.fundingPayments says how many there are. */
export const ResultFunding = Type.Object(
  {
    time: Type.Number(),
    published: Type.Number(),
    symbol: Type.String(),
    lot: Count,
    direction: oneOf(DIRECTIONS),
    quantity: Type.Number(),
    mark: Type.Number(),
    rate: Type.Number(),
    payment: Type.Number(),
    insured: Type.Number(),
    flags: Type.Array(Type.String()),
  },
  strict,
)

/** An isolated position that was liquidated (L3). */
export const ResultLiquidation = Type.Object(
  {
    time: Type.Number(),
    symbol: Type.String(),
    direction: oneOf(DIRECTIONS),
    quantity: Type.Number(),
    liquidationPrice: Type.Number(),
    bankruptcyPrice: Type.Number(),
    wallet: Type.Number(),
    lostOnTheWay: Type.Number(),
    clearanceFee: Type.Number(),
    insurance: Type.Number(),
  },
  strict,
)
