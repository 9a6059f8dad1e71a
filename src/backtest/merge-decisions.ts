import {
  ENUM_FIELDS,
  NUMBER_FIELDS,
  TEXT_FIELDS,
  type DecisionLog,
  type EnumField,
  type NumberField,
  type TextField,
} from './decision-log.ts'

/** One log of several, rows in the order of the logs (units ascending gives the order of the wire). Strings are shared. */
export function mergeDecisionLogs(logs: readonly DecisionLog[]): DecisionLog {
  let rows = 0
  for (const log of logs) rows += log.rows
  const merged = {
    rows,
    unit: new Uint32Array(rows),
    bar: new Uint32Array(rows),
    symbol: new Uint32Array(rows),
    sequence: new Uint32Array(rows),
    signal: new Uint8Array(rows),
    numbers: new Map<NumberField, Float64Array>(),
    enums: new Map<EnumField, Uint8Array>(),
    texts: new Map<TextField, Uint32Array>(),
    strings: [] as string[],
  }
  for (const name of NUMBER_FIELDS) {
    if (logs.some((log) => log.numbers.has(name))) merged.numbers.set(name, new Float64Array(rows).fill(Number.NaN))
  }
  for (const name of ENUM_FIELDS) {
    if (logs.some((log) => log.enums.has(name))) merged.enums.set(name, new Uint8Array(rows))
  }
  for (const name of TEXT_FIELDS) {
    if (logs.some((log) => log.texts.has(name))) merged.texts.set(name, new Uint32Array(rows))
  }
  const table = new Map<string, number>()
  let at = 0
  for (const log of logs) {
    for (const name of ['unit', 'bar', 'symbol', 'sequence', 'signal'] as const) merged[name].set(log[name], at)
    for (const [name, column] of log.numbers) merged.numbers.get(name)!.set(column, at)
    for (const [name, column] of log.enums) merged.enums.get(name)!.set(column, at)
    for (const [name, column] of log.texts) copyTexts({ from: column, to: merged.texts.get(name)!, at, log, table })
    at += log.rows
  }
  for (const text of table.keys()) merged.strings.push(text)
  return merged
}

function copyTexts(options: {
  from: Uint32Array
  to: Uint32Array
  at: number
  log: DecisionLog
  table: Map<string, number>
}): void {
  const { from, to, at, log, table } = options
  for (let i = 0; i < from.length; i++) {
    const index = from[i]!
    if (index === 0) continue
    const text = log.strings[index - 1]!
    let target = table.get(text)
    if (target === undefined) {
      target = table.size + 1
      table.set(text, target)
    }
    to[at + i] = target
  }
}
