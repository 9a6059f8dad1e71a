import { isIsolated } from './reference-engine-perp.ts'
import type { ReferenceBar, ReferenceInput } from './reference-engine-types.ts'

/** F7: the detail candles of the bar of slot k if they cover it, else null. */
export function detailOf(input: ReferenceInput, symbol: number, k: number): ReferenceBar[] | null {
  const rows = input.detail?.[symbol] ?? null
  if (rows === null) return null
  const [start, end] = [input.opens[k]!, input.opens[k + 1]!]
  const inside = rows.filter(({ time }) => time >= start && time < end)
  return inside.length === (end - start) / input.detailMs! ? inside : null
}

/** The bars with the highs and lows of their detail candles where these cover them; lookback rows have none. */
export function barsWithDetail(input: ReferenceInput): ReferenceBar[][] {
  return input.bars.map((bars, symbol) =>
    bars.map((bar) => {
      const k = input.opens.indexOf(bar.time)
      const detail = k < 0 || k === input.opens.length - 1 ? null : detailOf(input, symbol, k)
      if (detail === null) return bar
      const high = Math.max(bar.open, bar.close, ...detail.map((one) => one.high))
      const low = Math.min(bar.open, bar.close, ...detail.map((one) => one.low))
      if (high !== bar.high || low !== bar.low) input.onBranch?.('detail has another high or low')
      return { ...bar, high, low }
    }),
  )
}

/** A piece of the path: what leads to it, the candle, and what follows it. */
export interface Piece {
  candle: ReferenceBar
  before: number[]
  after: number[]
}

/** The bar cut into its detail candles, joined by straight lines. */
export function piecesOf(bar: ReferenceBar, detail: ReferenceBar[]): Piece[] {
  return detail.map((candle, i) => ({
    candle,
    before: [i === 0 ? bar.open : detail[i - 1]!.close],
    after: i === detail.length - 1 ? [bar.close] : [],
  }))
}

/** Marks of the detail candles of an isolated position: mark candles where they cover the whole bar; null: nobody knows them. */
export function detailMarks(
  input: ReferenceInput,
  symbol: number,
  k: number,
  detail: ReferenceBar[],
): ReferenceBar[] | null {
  const rows = input.marks?.[symbol] ?? null
  if (!isIsolated(input) || rows === null || rows.length === 0 || input.config.perpetual!.mark === 'last') return detail
  const [start, end] = [input.opens[k]!, input.opens[k + 1]!]
  if ((end - start) % input.markMs! !== 0) return detail
  if (input.detailMs! % input.markMs! !== 0) return null
  const inside = rows.filter(({ time }) => time >= start && time < end)
  if (inside.length !== (end - start) / input.markMs!) return detail
  return detail.map(({ time }) => {
    const part = inside.filter((one) => one.time >= time && one.time < time + input.detailMs!)
    return {
      time,
      open: part[0]!.open,
      high: Math.max(...part.map(({ high }) => high)),
      low: Math.min(...part.map(({ low }) => low)),
      close: part.at(-1)!.close,
      volume: 0,
    }
  })
}
