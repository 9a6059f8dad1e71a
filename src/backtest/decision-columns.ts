import type { DecisionLog, EnumField, NumberField } from './decision-log.ts'

/** The optional columns of a log by name, so that reading a row looks nothing up. Null: no row sets the field. */
export interface DecisionColumns {
  readonly size: Float64Array | null
  readonly entryPrice: Float64Array | null
  readonly tpPrice: Float64Array | null
  readonly tpPct: Float64Array | null
  readonly slPrice: Float64Array | null
  readonly slPct: Float64Array | null
  readonly entryTime: Float64Array | null
  readonly confidence: Float64Array | null
  readonly expiresAfterBars: Float64Array | null
  readonly limitPrice: Float64Array | null
  readonly trailDistance: Float64Array | null
  readonly trailPct: Float64Array | null
  readonly leg: Float64Array | null
  readonly liveTime: Float64Array | null
  readonly liveBar: Float64Array | null
  readonly priceFn: Uint32Array | null
  readonly whenFn: Uint32Array | null
  readonly exitResolver: Uint32Array | null
  readonly executor: Uint32Array | null
  readonly intent: Uint8Array | null
  readonly entryType: Uint8Array | null
  readonly timeInForce: Uint8Array | null
  readonly crossingPolicy: Uint8Array | null
  readonly target: Float64Array | null
  readonly action: Uint8Array | null
  readonly reduceOnly: Uint8Array | null
}

export function decisionColumns(log: DecisionLog): DecisionColumns {
  const numbers = (name: NumberField): Float64Array | null => log.numbers.get(name) ?? null
  const enums = (name: EnumField): Uint8Array | null => log.enums.get(name) ?? null
  return {
    size: numbers('size'),
    entryPrice: numbers('entryPrice'),
    tpPrice: numbers('tpPrice'),
    tpPct: numbers('tpPct'),
    slPrice: numbers('slPrice'),
    slPct: numbers('slPct'),
    entryTime: numbers('entryTime'),
    confidence: numbers('confidence'),
    expiresAfterBars: numbers('expiresAfterBars'),
    limitPrice: numbers('limitPrice'),
    trailDistance: numbers('trailDistance'),
    trailPct: numbers('trailPct'),
    leg: numbers('leg'),
    liveTime: numbers('liveTime'),
    liveBar: numbers('liveBar'),
    priceFn: log.texts.get('priceFn') ?? null,
    whenFn: log.texts.get('whenFn') ?? null,
    exitResolver: log.texts.get('exitResolver') ?? null,
    executor: log.texts.get('executor') ?? null,
    intent: enums('intent'),
    entryType: enums('entryType'),
    timeInForce: enums('timeInForce'),
    crossingPolicy: enums('crossingPolicy'),
    target: numbers('target'),
    action: enums('action'),
    reduceOnly: enums('reduceOnly'),
  }
}

/** Value of a number column; NaN: absent. */
export function valueAt(column: Float64Array | null, row: number): number {
  return column === null ? Number.NaN : column[row]!
}

/** Value of an enum or text column; 0: absent. */
export function codeAt(column: Uint8Array | Uint32Array | null, row: number): number {
  return column === null ? 0 : column[row]!
}
