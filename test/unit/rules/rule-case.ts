import type { ExpectStatic } from 'vitest'
import { DEFAULT_EXECUTION } from '../../../src/protocol/profiles.ts'
import type { ReferenceDecision } from '../../support/reference-engine-decision.ts'
import type {
  ReferenceConfig,
  ReferenceFunding,
  ReferenceInput,
  ReferenceInstrument,
  ReferencePerpetual,
  ReferenceRecord,
  ReferenceTier,
} from '../../support/reference-engine-types.ts'

/** Plays a run: the product's phase 2, or the reference engine. */
export type Play = (input: ReferenceInput) => { records: ReferenceRecord[]; equity: number[] }

export interface CaseContext {
  expect: ExpectStatic
  play: Play
}

/** A case computed by hand: what the rule says must come out, with the arithmetic written down. */
export interface RuleCase {
  /** Rule id, for P3 with its letter. */
  rule: string
  title: string
  /** The case shows what the rule refuses or what must not happen. */
  negative: boolean
  run(context: CaseContext): void | Promise<void>
}

export const HOUR = 3_600_000
/** tau(0): 2024-01-01T00:00Z. */
export const START = 1_704_067_200_000

/** tau(k). */
export function tau(k: number): number {
  return START + k * HOUR
}

/** open, high, low, close and, when it matters, volume; null: no bar in this slot. */
export type Row = [number, number, number, number, number?] | null

interface RunSketch {
  /** Slots of one symbol, or of several (symbols AAA, BBB, ...). */
  bars?: Row[]
  symbols?: Row[][]
  decisions: (Partial<ReferenceDecision> & { bar: number; signal: 'BUY' | 'SELL' })[]
  cash?: number
  fee?: { maker: number; taker: number }
  bps?: number
  sizing?: ReferenceConfig['sizing']
  maxPositions?: number
  endOfData?: 'open' | 'close'
  execution?: Partial<ReferenceConfig['execution']>
  instrument?: Partial<ReferenceInstrument>
  /** Perpetuals: what differs from isolated, leverage 1, shorts allowed, onOpposite close, last price, no funding. */
  perpetual?: Partial<ReferencePerpetual>
  tiers?: ReferenceTier[]
  funding?: ReferenceFunding[]
  /** Mark candles of the first symbol, of one hour. */
  marks?: Row[]
  /** Detail candles of half an hour of the first symbol, slot by slot; null: none in that slot. */
  detail?: (Row[] | null)[]
  /** Policies other than percent fee, bps, the sizing above and maxPositions. */
  policies?: Partial<ReferenceConfig>
}

/**
 * A run from a sketch. Unless said otherwise: 1,000 cash, no fee, no slippage, one unit an entry, 8 positions.
 * `bar` of a decision is its slot.
 */
export function runOf(sketch: RunSketch): ReferenceInput {
  const slots = sketch.symbols ?? [sketch.bars ?? []]
  const names = ['AAA', 'BBB', 'CCC'].slice(0, slots.length)
  const bars = slots.map((rows) =>
    rows.flatMap((row, slot) => {
      if (row === null) return []
      const [open, high, low, close, volume = 100] = row
      return [{ time: tau(slot), open, high, low, close, volume }]
    }),
  )
  const none: ReferenceInstrument = { tick: null, step: null, minQuantity: null, minNotional: null }
  const length = Math.max(...slots.map((rows) => rows.length))
  return {
    config: {
      symbols: names,
      initialCash: sketch.cash ?? 1000,
      fee: { builtin: 'percent', params: sketch.fee ?? { maker: 0, taker: 0 } },
      slippage: { builtin: 'bps', params: { bps: sketch.bps ?? 0 } },
      sizing: sketch.sizing ?? { builtin: 'fixedQuantity', params: { quantity: 1 } },
      capacity: { builtin: 'maxPositions', params: { max: sketch.maxPositions ?? 8 } },
      risk: { builtin: 'none', params: {} },
      fill: 'worst',
      seed: '0',
      endOfData: sketch.endOfData ?? 'open',
      execution: { ...DEFAULT_EXECUTION, ...sketch.execution },
      ...sketch.policies,
      ...(sketch.perpetual === undefined ? {} : { perpetual: { ...PERPETUAL, ...sketch.perpetual } }),
    },
    ...(sketch.perpetual === undefined ? {} : perpDataOf(sketch, names)),
    ...(sketch.detail === undefined ? {} : { detail: detailOf(sketch.detail, names), detailMs: HOUR / 2 }),
    bars,
    opens: Array.from({ length: length + 1 }, (_, k) => tau(k)),
    instruments: names.map(() => (sketch.instrument === undefined ? null : { ...none, ...sketch.instrument })),
    decisions: sketch.decisions.map((decision, index) => {
      const symbol = decision.symbol ?? 0
      const row = bars[symbol]!.findIndex((bar) => bar.time === tau(decision.bar))
      return { unit: symbol, sequence: index, symbol, ...decision, bar: row }
    }),
  }
}

function detailOf(slots: (Row[] | null)[], names: string[]): NonNullable<ReferenceInput['detail']> {
  const candles = slots.flatMap((rows, slot) =>
    (rows ?? []).flatMap((row, part) => {
      if (row === null) return []
      const [open, high, low, close] = row
      return [{ time: tau(slot) + (part * HOUR) / 2, open, high, low, close, volume: 0 }]
    }),
  )
  return names.map((_, symbol) => (symbol === 0 ? candles : null))
}

const PERPETUAL: ReferencePerpetual = {
  leverage: 1,
  marginMode: 'isolated',
  allowShort: true,
  onOpposite: 'close',
  mark: 'last',
  funding: 'data',
}

function perpDataOf(
  sketch: RunSketch,
  names: string[],
): Pick<ReferenceInput, 'tiers' | 'funding' | 'marks' | 'markMs'> {
  const tiers = sketch.tiers ?? [{ floor: 0, cap: null, mmr: 0.004, kappa: 0.003 }]
  const marks = sketch.marks?.flatMap((row, slot) => {
    if (row === null) return []
    const [open, high, low, close] = row
    return [{ time: tau(slot), open, high, low, close, volume: 0 }]
  })
  return {
    tiers: names.map(() => tiers),
    funding: names.map((_, symbol) => (symbol === 0 ? (sketch.funding ?? []) : [])),
    marks: names.map((_, symbol) => (symbol === 0 ? (marks ?? null) : null)),
    markMs: HOUR,
  }
}

export function fillsOf(records: readonly ReferenceRecord[]): ReferenceRecord[] {
  return records.filter((record) => record.kind === 'fill')
}

export function refusalsOf(records: readonly ReferenceRecord[]): ReferenceRecord[] {
  return records.filter((record) => record.kind === 'refuse')
}

/** A bar that stands still. */
export function flat(price: number, volume = 100): Row {
  return [price, price, price, price, volume]
}
