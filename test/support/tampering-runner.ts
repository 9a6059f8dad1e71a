import type { DecisionLog, DecisionRow } from '../../src/backtest/decision-log.ts'
import { decisionRow, packDecisions } from '../../src/backtest/decision-codec.ts'
import { decodeRecords } from '../../src/backtest/record-stream.ts'
import { RECORD_BYTES, RECORD_KINDS, RECORD_REASONS, type EngineRecord } from '../../src/backtest/records.ts'
import type { CandleSeries } from '../../src/candles/series.ts'
import type { RunConfig } from '../../src/protocol/run-config.ts'
import type { Checkpoints } from '../../runner-image/checkpoints.ts'
import type { UnitResult } from '../../runner-image/tasks/task.ts'

/**
 * Theory of operation. Linked into the real runner in the place of two lines (`tamperingSources`), it does to an honest
 * run what a manipulated runner would: `args.edit` of the configuration names the edit. Edits of the result leave the
 * decision log as it is; hindsight changes the log before phase 2, so that everything behind it is consistent.
 */
interface Played {
  readonly records: Uint8Array
  readonly recordCount: number
  readonly equity: Float64Array
}

const FLOATS = { quantity: 32, gross: 40, price: 48, fee: 56, cash: 88 } as const

type IsPlace = (record: EngineRecord) => boolean
type Edit = (records: Uint8Array, at: number, record: EngineRecord) => Uint8Array

function view(records: Uint8Array): DataView {
  return new DataView(records.buffer, records.byteOffset, records.byteLength)
}

function setFloat(records: Uint8Array, at: number, field: keyof typeof FLOATS, value: number): Uint8Array {
  view(records).setFloat64(at * RECORD_BYTES + FLOATS[field], value, true)
  return records
}

/** All later balances agree with the edit. */
function addCash(records: Uint8Array, from: number, amount: number): Uint8Array {
  for (const [at, { cash }] of decodeRecords(records).entries())
    if (at >= from) setFloat(records, at, 'cash', cash + amount)
  return records
}

function leaveOut(records: Uint8Array, at: number): Uint8Array {
  return Buffer.concat([records.subarray(0, at * RECORD_BYTES), records.subarray((at + 1) * RECORD_BYTES)])
}

const isEntry: IsPlace = ({ kind, reason }) => kind === 'fill' && reason === 'entry'

const EDITS: Readonly<Record<string, readonly [IsPlace, Edit]>> = {
  'better fill': [
    isEntry,
    (records, at, { price, quantity }) => {
      setFloat(records, at, 'gross', 0.99 * price)
      setFloat(records, at, 'price', 0.99 * price)
      return addCash(records, at, 0.01 * price * quantity)
    },
  ],
  'missing fee': [isEntry, (records, at, { fee }) => addCash(setFloat(records, at, 'fee', 0), at, fee)],
  'extra trade': [
    ({ kind, reason }) => kind === 'fill' && reason === 'stop_loss',
    (records, at) => {
      const pair = records.slice((at - 1) * RECORD_BYTES, (at + 1) * RECORD_BYTES)
      return Buffer.concat([
        records.subarray(0, (at + 1) * RECORD_BYTES),
        pair,
        records.subarray((at + 1) * RECORD_BYTES),
      ])
    },
  ],
  'omitted stop': [({ kind, reason }) => kind === 'fill' && reason === 'stop_loss', leaveOut],
  'omitted funding': [({ kind }) => kind === 'funding', leaveOut],
  'omitted liquidation': [({ kind }) => kind === 'liquidate', leaveOut],
  'admitted refusal': [
    ({ kind }) => kind === 'refuse',
    (records, at) => {
      records[at * RECORD_BYTES] = RECORD_KINDS.indexOf('admit')
      records[at * RECORD_BYTES + 1] = RECORD_REASONS.indexOf('none')
      return records
    },
  ],
}

/** What phase 2 came to, with the edit that the configuration asks for. */
export function tamperResult({ records, recordCount, equity }: Played, { args }: RunConfig): Played {
  const name = args['edit']
  if (name === 'edited equity') return { records, recordCount, equity: equity.map((value) => 1.5 * value) }
  const edit = typeof name === 'string' ? EDITS[name] : undefined
  if (edit === undefined) return { records, recordCount, equity }
  const all = decodeRecords(records)
  const at = all.findIndex(edit[0])
  if (at < 0) throw new Error(`Nothing to edit: ${String(name)}`)
  const edited = edit[1](Uint8Array.from(records), at, all[at]!)
  return { records: edited, recordCount: edited.length / RECORD_BYTES, equity }
}

const HINDSIGHT: Readonly<Record<string, typeof reDate>> = {
  're-dated': reDate,
  'cancelled afterwards': cancelAfterwards,
}

function change(log: DecisionLog, series: readonly CandleSeries[], edit: typeof reDate): DecisionLog {
  const rows = Array.from({ length: log.rows }, (_, row) => decisionRow(log, row))
  return packDecisions(edit(rows, series[0]!))
}

/** The decision log as somebody would have it who has seen all candles. */
export function useHindsight(
  log: DecisionLog,
  series: readonly CandleSeries[],
  { args, attempt }: RunConfig & { readonly attempt: number },
): DecisionLog {
  const name = String(args['edit'])
  const edit = name === 'resumed unit decided anew' && attempt > 1 ? reDate : HINDSIGHT[name]
  return edit === undefined ? log : change(log, series, edit)
}

/** What the host is to keep of a unit, as somebody would have it who has seen all candles. */
export function keepHindsight(result: UnitResult, series: readonly CandleSeries[], { args }: RunConfig): UnitResult {
  if (args['edit'] !== 'kept with hindsight') return result
  return { ...result, decisions: change(result.decisions, series, reDate) }
}

/** Sends something else for a unit that the cell was given. */
export function contradict(checkpoints: Checkpoints, { args }: RunConfig): void {
  const [given] = checkpoints.resumed
  if (args['edit'] !== 'resumed unit kept anew' || given === undefined) return
  checkpoints.add(given[0], { decisions: packDecisions([]), ms: 0 })
}

let future: readonly CandleSeries[] = []

/** What phase 2 of a run has before it; in a look-ahead proof there is nothing to remember. */
export function rememberFuture(series: readonly CandleSeries[]): void {
  future = series
}

/** A size that is doubled where the ten bars behind the question will rise. */
export function answerAfterwards<T>(
  { config, port, args }: { config: RunConfig; port: string; args: string },
  answer: T,
): T {
  const [series] = future
  if (config.args['edit'] !== 'answer chosen afterwards' || port !== 'sizing' || series === undefined) return answer
  const [, , view] = JSON.parse(args) as [unknown, unknown, { readonly time: number }]
  const row = series.time.indexOf(view.time)
  const rises = row >= 0 && (series.close[row + 10] ?? 0) > series.close[row]!
  return rises ? ((2 * Number(answer)) as T) : answer
}

/** The first purchase, as if it had been decided at the lowest close of the twenty bars before. */
function reDate(rows: readonly DecisionRow[], { close }: CandleSeries): DecisionRow[] {
  const at = rows.findIndex(({ signal }) => signal === 'BUY')
  const { bar } = rows[at]!
  let best = bar
  for (let other = Math.max(0, bar - 20); other < bar; other += 1) if (close[other]! < close[best]!) best = other
  return rows.map((row, index) => (index === at ? { ...row, bar: best } : row))
}

/** A limit that was about to be met, withdrawn a bar before: on spot a SELL without a position cancels the working entry. */
function cancelAfterwards(rows: readonly DecisionRow[], { low }: CandleSeries): DecisionRow[] {
  const at = rows.findIndex(({ entryPrice }) => entryPrice !== undefined)
  const { bar, entryPrice, unit, symbol } = rows[at]!
  let met = bar + 2
  while (met < low.length && low[met]! >= entryPrice!) met += 1
  const cancel: DecisionRow = { unit, symbol, bar: met - 1, sequence: 0, signal: 'SELL' }
  return [...rows, cancel].toSorted((a, b) => a.bar - b.bar || a.sequence - b.sequence)
}
