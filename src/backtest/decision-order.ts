/*
 * Theory of operation: rows of a decision log come in any order and from anyone. Here they are checked against the run and
 * numbered: a counting sort by the instant at which they become due, then T3 among the rows of one instant. Rows of one
 * instant are also where duplicates and calls with too many decisions show.
 */
import { PlatformError } from '../errors.ts'
import { slotOfRow, type SymbolMarket } from '../portfolio/symbol-market.ts'
import { isFieldValue } from './decision-fields.ts'
import { lateSlots } from './decision-slots.ts'
import { checkPortfolioRows } from './portfolio-rows.ts'
import {
  ENTRY_TYPES,
  ENUM_VALUES,
  MAX_PER_CALL,
  TIMES_IN_FORCE,
  type DecisionLog,
  type EnumField,
  type NumberField,
} from './decision-log.ts'

const MAX_ROWS = 1_000_000
const GTD = TIMES_IN_FORCE.indexOf('gtd')
const IOC = TIMES_IN_FORCE.indexOf('ioc')
const STOP_LIMIT = ENTRY_TYPES.indexOf('stop_limit')
const NOT_OF_EXITS = ['tpPrice', 'tpPct', 'slPrice', 'slPct', 'trailDistance', 'trailPct', 'entryTime'] as const

/** Rows in decision number order (number d is rows[d − 1]) and the slot at whose open each becomes due. */
export interface DecisionOrder {
  readonly rows: Uint32Array
  readonly due: Int32Array
}

/** What rows are checked against. */
export interface DecisionScope {
  readonly markets: readonly SymbolMarket[]
  readonly lookback: number
  /** Slots of the window. */
  readonly slots: number
}

function malformed(row: number, state: string, expected: string): PlatformError {
  return new PlatformError('protocol', `Cannot play decision "${row}": ${state}, expected ${expected}`)
}

/** The slot after the decision bar of each row, after all checks that need only the row. */
function dueSlots(log: DecisionLog, scope: DecisionScope): Int32Array {
  const due = new Int32Array(log.rows)
  const late = log.numbers.get('late')
  for (let row = 0; row < log.rows; row++) {
    const market = scope.markets[log.symbol[row]!]
    if (market === undefined) throw malformed(row, `symbol ${log.symbol[row]}`, `below ${scope.markets.length}`)
    if (log.unit[row]! >= scope.markets.length) {
      throw malformed(row, `unit ${log.unit[row]}`, `below ${scope.markets.length}`)
    }
    const bar = log.bar[row]!
    if (bar >= market.series.rows || bar < scope.lookback) {
      throw malformed(row, `bar ${bar}`, `${scope.lookback} to ${market.series.rows - 1}`)
    }
    const closed = market.segmentRow.length === 1 ? market.segmentSlot[0]! + bar : slotOfRow(market, bar)
    const slot = closed + lateAt(lateSlots(late, row), { row, bar, closed, market })
    if (slot < 0 || slot >= scope.slots) throw malformed(row, `bar ${bar} outside the window`, 'a bar of the window')
    if (log.signal[row]! > 1) throw malformed(row, `signal ${log.signal[row]}`, '0 or 1')
    due[row] = slot + 1
  }
  return due
}

/** Refuses `late` slots in which a bar of the symbol closed. */
function lateAt(late: number, place: { row: number; bar: number; closed: number; market: SymbolMarket }): number {
  const { row, bar, closed, market } = place
  if (late > 0 && bar + 1 < market.series.rows && slotOfRow(market, bar + 1) <= closed + late) {
    throw malformed(row, `late ${late}`, 'no bar of the symbol closed since')
  }
  return late
}

function checkFields(log: DecisionLog): void {
  for (const [name, column] of log.numbers) {
    for (let row = 0; row < log.rows; row++) {
      if (!isFieldValue(name, column[row]!)) throw malformed(row, `${name} ${column[row]}`, 'a value of its range')
    }
  }
  for (const [name, column] of log.enums) {
    const values = ENUM_VALUES[name].length
    for (let row = 0; row < log.rows; row++) {
      if (column[row]! >= values) throw malformed(row, `${name} ${column[row]}`, `below ${values}`)
    }
  }
  checkPairs(log, 'tpPrice', 'tpPct')
  checkPairs(log, 'slPrice', 'slPct')
  checkPairs(log, 'trailDistance', 'trailPct')
  checkCompanion(log, { field: 'timeInForce', code: GTD, number: 'expiresAfterBars' })
  checkCompanion(log, { field: 'entryType', code: STOP_LIMIT, number: 'limitPrice' })
  checkExecutors(log)
  checkSizes(log)
}

/** What came out of a proposal says how much: the last leg takes what the others leave by rounding. */
function checkSizes({ rows, numbers, texts }: DecisionLog): void {
  const sizes = numbers.get('size')
  for (const column of [numbers.get('leg'), texts.get('priceFn'), texts.get('whenFn')]) {
    if (column === undefined) continue
    for (let row = 0; row < rows; row++) {
      if (column[row]! > 0 && !(sizes !== undefined && sizes[row]! > 0)) {
        throw malformed(row, 'a leg without a size', 'its size')
      }
    }
  }
}

/** An executor stands in place of an entry type, in a decision of one order. */
function checkExecutors(log: DecisionLog): void {
  const executors = log.texts.get('executor')
  if (executors === undefined) return
  const { enums, texts, numbers } = log
  for (let row = 0; row < log.rows; row++) {
    if (executors[row] === 0) continue
    const hasType = (enums.get('entryType')?.[row] ?? 0) !== 0
    const hasLegs = (numbers.get('leg')?.[row] ?? 0) > 0 || enums.has('action')
    const isAsked = (['priceFn', 'whenFn', 'exitResolver'] as const).some((name) => (texts.get(name)?.[row] ?? 0) !== 0)
    if (hasType || hasLegs || isAsked) throw malformed(row, 'an executor beside another kind of order', 'one of them')
  }
}

/** Every executor that a row names is one of the run. @throws `protocol` naming the row */
export function checkExecutorNames(log: DecisionLog, names: readonly string[]): void {
  const executors = log.texts.get('executor')
  if (executors === undefined) return
  for (let row = 0; row < log.rows; row++) {
    const index = executors[row]!
    if (index !== 0 && !names.includes(log.strings[index - 1]!)) {
      throw malformed(row, 'an executor that the run does not have', names.join(', ') || 'none')
    }
  }
}

/** A number that one value of an enum asks for: neither stands without the other. */
function checkCompanion(log: DecisionLog, pair: { field: EnumField; code: number; number: NumberField }): void {
  const codes = log.enums.get(pair.field)
  const numbers = log.numbers.get(pair.number)
  if (codes === undefined && numbers === undefined) return
  for (let row = 0; row < log.rows; row++) {
    if (((codes?.[row] ?? 0) === pair.code) === Number.isNaN(numbers?.[row] ?? Number.NaN)) {
      const name = ENUM_VALUES[pair.field][pair.code]
      throw malformed(row, `one of ${name} and ${pair.number}`, 'both or neither')
    }
  }
}

function checkPairs(log: DecisionLog, price: NumberField, percent: NumberField): void {
  const prices = log.numbers.get(price)
  const percents = log.numbers.get(percent)
  if (prices === undefined || percents === undefined) return
  for (let row = 0; row < log.rows; row++) {
    if (!Number.isNaN(prices[row]) && !Number.isNaN(percents[row]))
      throw malformed(row, `${price} and ${percent}`, 'one of them')
  }
}

/** The legs of a proposal stand one after another, and there are two at least; `rows` is the order of decisions. */
function checkLegs(log: DecisionLog, rows: Uint32Array): void {
  checkPairs(log, 'liveTime', 'liveBar')
  const legs = log.numbers.get('leg')
  if (legs === undefined) return
  let entry = -1
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!
    const leg = legs[row]!
    if (leg !== leg) continue
    if (leg === 1) entry = row
    else if (entry >= 0 && log.signal[row] !== log.signal[entry]) checkExitLeg(log, row)
    const [first, second] = leg > 1 ? [rows[i - 1], row] : [row, rows[i + 1]]
    if (first === undefined || second === undefined || !follows(log, first, second)) {
      throw malformed(row, `leg ${leg} alone`, 'the legs of a proposal in their order')
    }
  }
}

/** A leg against the first one of its proposal has nothing that only entries have. */
function checkExitLeg(log: DecisionLog, row: number): void {
  for (const name of NOT_OF_EXITS) {
    const value = log.numbers.get(name)?.[row] ?? Number.NaN
    if (value === value) throw malformed(row, `${name} of an exit leg`, 'none')
  }
  const isAtOnce = (log.enums.get('timeInForce')?.[row] ?? 0) >= IOC
  if (isAtOnce || log.enums.get('entryType')?.[row] === STOP_LIMIT) {
    throw malformed(row, 'an exit leg that may not wait', 'a market, limit or stop order')
  }
}

/** Whether `second` is the next leg of the proposal of `first`, decided with it: it may be of the other side, and closes then. */
function follows(log: DecisionLog, first: number, second: number): boolean {
  const legs = log.numbers.get('leg')!
  const late = log.numbers.get('late')
  return (
    legs[second] === legs[first]! + 1 &&
    lateSlots(late, second) === lateSlots(late, first) &&
    log.unit[second] === log.unit[first] &&
    log.symbol[second] === log.symbol[first] &&
    log.bar[second] === log.bar[first] &&
    log.sequence[second] === log.sequence[first]! + 1
  )
}

/**
 * Rank of every row: `rank`, else `confidence`, else 0; null if all are 0. What onBar does at one instant acts in the order of
 * its calls.
 */
export function decisionRanks(log: DecisionLog): Float64Array | null {
  if (log.enums.has('action')) return Float64Array.from(log.sequence, (sequence) => 0 - sequence)
  const ranks = log.numbers.get('rank')
  const confidences = log.numbers.get('confidence')
  if (ranks === undefined && confidences === undefined) return null
  return Float64Array.from({ length: log.rows }, (_, row) => {
    const rank = ranks?.[row] ?? Number.NaN
    const confidence = confidences?.[row] ?? Number.NaN
    return rank === rank ? rank + 0 : confidence === confidence ? confidence + 0 : 0
  })
}

/** Rows by due slot, those of one slot in the order of the log. */
function countingSort(due: Int32Array, slots: number): Uint32Array {
  const rows = new Uint32Array(due.length)
  let ascending = true
  for (let row = 0; row < due.length; row++) {
    rows[row] = row
    if (row > 0 && due[row]! < due[row - 1]!) ascending = false
  }
  if (ascending) return rows
  const next = new Uint32Array(slots + 2)
  for (let row = 0; row < due.length; row++) next[due[row]! + 1]! += 1
  for (let slot = 1; slot < next.length; slot++) next[slot]! += next[slot - 1]!
  for (let row = 0; row < due.length; row++) {
    const slot = due[row]!
    rows[next[slot]!] = row
    next[slot]! += 1
  }
  return rows
}

function compareIdentity(log: DecisionLog, a: number, b: number): number {
  return log.unit[a]! - log.unit[b]! || log.symbol[a]! - log.symbol[b]! || log.sequence[a]! - log.sequence[b]!
}

function checkGroup(log: DecisionLog, group: Uint32Array): void {
  const sorted = group.slice().sort((a, b) => compareIdentity(log, a, b))
  let ofCall = 1
  for (let i = 1; i < sorted.length; i++) {
    const row = sorted[i]!
    const before = sorted[i - 1]!
    if (compareIdentity(log, before, row) === 0)
      throw malformed(row, `the same place as row ${before}`, 'one row a place')
    ofCall = log.unit[row] === log.unit[before] ? ofCall + 1 : 1
    if (ofCall > MAX_PER_CALL) throw malformed(row, `${ofCall} decisions of one call`, `at most ${MAX_PER_CALL}`)
  }
}

/** Checks a log against its run and numbers its rows (T3). @throws `protocol` naming the row. */
export function orderDecisions(log: DecisionLog, scope: DecisionScope): DecisionOrder {
  if (log.rows > MAX_ROWS) throw malformed(log.rows, `${log.rows} rows`, `at most ${MAX_ROWS}`)
  checkFields(log)
  const dueOfRow = dueSlots(log, scope)
  if (log.enums.has('action')) {
    checkPortfolioRows(log, dueOfRow)
    return { rows: Uint32Array.from({ length: log.rows }, (_, row) => row), due: dueOfRow }
  }
  if (log.enums.has('reduceOnly') || log.numbers.has('target')) throw malformed(0, 'a field of orders', 'an action')
  const rows = countingSort(dueOfRow, scope.slots)
  const ranks = decisionRanks(log)
  const compare = (a: number, b: number): number => {
    const rankA = ranks === null ? 0 : ranks[a]!
    const rankB = ranks === null ? 0 : ranks[b]!
    if (rankA !== rankB) return rankA > rankB ? -1 : 1
    return log.symbol[a]! - log.symbol[b]! || log.unit[a]! - log.unit[b]! || log.sequence[a]! - log.sequence[b]!
  }
  let from = 0
  while (from < rows.length) {
    const slot = dueOfRow[rows[from]!]!
    let to = from + 1
    while (to < rows.length && slot === dueOfRow[rows[to]!]) to += 1
    if (to - from > 1) {
      const group = rows.subarray(from, to)
      checkGroup(log, group)
      group.sort(compare)
    }
    from = to
  }
  checkLegs(log, rows)
  const due = new Int32Array(rows.length)
  for (let i = 0; i < rows.length; i++) due[i] = dueOfRow[rows[i]!]!
  return { rows, due }
}
