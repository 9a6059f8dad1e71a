/*
 * Theory of operation: rows of a portfolio strategy are what `onBar` did, in the order of its calls, instants ascending. They
 * have one form: row i is order i + 1, all of them are of unit 0, and each action has its own fields and no others. So a log
 * of equal meaning has equal bytes, and a cancel can only name what was placed before it.
 */
import { PlatformError } from '../errors.ts'
import {
  ACTIONS,
  ENTRY_TYPES,
  MAX_PER_CALL,
  type DecisionLog,
  type EnumField,
  type NumberField,
} from './decision-log.ts'

export const ORDER = ACTIONS.indexOf('order')
export const CANCEL = ACTIONS.indexOf('cancel')
export const CLOSE = ACTIONS.indexOf('close')
const MARKET = ENTRY_TYPES.indexOf('market')
const STOP = ENTRY_TYPES.indexOf('stop')

const NOT_OF_ORDERS: readonly (NumberField | EnumField)[] = [
  'entryTime',
  'confidence',
  'rank',
  'target',
  'intent',
  'crossingPolicy',
]
/** What a reduce-only order has not: it opens no lot. */
const BRACKETS: readonly (NumberField | EnumField)[] = [
  'tpPrice',
  'tpPct',
  'slPrice',
  'slPct',
  'trailDistance',
  'trailPct',
]
/** What makes a stop against the position a trailing one. */
const TRAIL: readonly (NumberField | EnumField)[] = ['trailDistance', 'trailPct']
const OF_CANCEL: readonly (NumberField | EnumField)[] = ['late', 'action', 'target']

function malformed(row: number, state: string, expected: string): PlatformError {
  return new PlatformError('protocol', `Cannot play order "${row + 1}": ${state}, expected ${expected}`)
}

/** Names of the optional fields that a row sets. */
function fieldsOf(log: DecisionLog, row: number): (NumberField | EnumField)[] {
  const names: (NumberField | EnumField)[] = []
  for (const [name, column] of log.numbers) if (column[row] === column[row]) names.push(name)
  for (const [name, column] of log.enums) if (column[row] !== 0) names.push(name)
  return names
}

/** Checks a log with actions. `due`: slot of each row. @throws `protocol` naming the order */
export function checkPortfolioRows(log: DecisionLog, due: Int32Array): void {
  if (log.texts.size > 0) throw malformed(0, 'a text', 'none')
  const actions = log.enums.get('action')!
  for (let row = 0; row < log.rows; row++) {
    const isNext = row > 0 && due[row] === due[row - 1]
    if (row > 0 && due[row]! < due[row - 1]!) throw malformed(row, 'before the one before it', 'ascending instants')
    if (log.unit[row] !== 0) throw malformed(row, `unit ${log.unit[row]}`, '0')
    const sequence = isNext ? log.sequence[row - 1]! + 1 : 0
    if (log.sequence[row] !== sequence) throw malformed(row, `sequence ${log.sequence[row]}`, `${sequence}`)
    if (sequence >= MAX_PER_CALL) throw malformed(row, `sequence ${sequence}`, `below ${MAX_PER_CALL}`)
    if (actions[row] === ORDER) checkOrder(log, row)
    else if (actions[row] === CANCEL) checkCancel(log, row, actions)
    else if (actions[row] !== CLOSE) throw malformed(row, 'no action', 'an action')
    else refuseFields(log, row, (name) => !OF_CANCEL.includes(name))
  }
}

function refuseFields(log: DecisionLog, row: number, isForeign: (name: NumberField | EnumField) => boolean): void {
  const foreign = fieldsOf(log, row).find(isForeign)
  if (foreign !== undefined) throw malformed(row, `has ${foreign}`, 'none')
}

function checkOrder(log: DecisionLog, row: number): void {
  refuseFields(log, row, (name) => NOT_OF_ORDERS.includes(name))
  const names = fieldsOf(log, row)
  if (names.includes('reduceOnly')) {
    const trails = log.enums.get('entryType')?.[row] === STOP
    refuseFields(log, row, (name) => BRACKETS.includes(name) && !(trails && TRAIL.includes(name)))
  }
  if (!names.includes('size')) throw malformed(row, 'no size', 'a size')
  if (!names.includes('entryType')) throw malformed(row, 'no type', 'a type')
  const isMarket = log.enums.get('entryType')![row] === MARKET
  if (isMarket === names.includes('entryPrice')) throw malformed(row, 'type and price do not fit', 'a price or market')
}

/** What it cancels was placed before it, in the same symbol. */
function checkCancel(log: DecisionLog, row: number, actions: Uint8Array): void {
  refuseFields(log, row, (name) => !OF_CANCEL.includes(name))
  const target = log.numbers.get('target')?.[row] ?? Number.NaN
  if (!(target <= row)) throw malformed(row, `cancels ${target}`, `1 to ${row}`)
  if (actions[target - 1] === CANCEL) throw malformed(row, `cancels ${target}, a cancel`, 'an order')
  if (log.symbol[target - 1] !== log.symbol[row]) throw malformed(row, 'another symbol', 'that of its order')
}
