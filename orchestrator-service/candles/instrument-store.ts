import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Market } from '../../src/candles/symbol.ts'
import type { Instrument } from '../../src/instruments/instrument.ts'
import { type InstrumentData, invalidInstruments, parseInstruments } from '../../src/instruments/instrument-file.ts'
import { parseStrictJson } from '../../src/protocol/strict-json.ts'
import { replaceFile } from './replace-file.ts'

const LIMITS = { maxBytes: 64 << 20, maxDepth: 8, maxValues: 4_000_000, maxKeyBytes: 64 } as const

/** The instrument data of a data directory: one file, replaced as a whole. */
export interface InstrumentStore {
  write(data: InstrumentData): Promise<void>
  /** Null: nothing was imported; every symbol then trades 24/7 without steps. */
  load(): Promise<InstrumentData | null>
  find(market: Market, symbol: string): Promise<Instrument | null>
  /** In the order of `symbols`; null for a symbol without instrument data. */
  findAll(market: Market, symbols: readonly string[]): Promise<(Instrument | null)[]>
}

export function createInstrumentStore(dataDir: string): InstrumentStore {
  const file = path.join(dataDir, 'instruments.json')
  const load = async (): Promise<InstrumentData | null> => {
    const bytes = await readOrNull(file)
    return bytes === null ? null : parseInstrumentBytes(bytes)
  }
  const findAll = async (market: Market, symbols: readonly string[]): Promise<(Instrument | null)[]> => {
    const data = await load()
    const known = new Map<string, Instrument>()
    for (const one of data?.instruments ?? []) if (one.market === market) known.set(one.symbol, readByRuns(one))
    return symbols.map((symbol) => known.get(symbol) ?? null)
  }
  return {
    write: async (data) => await replaceFile(file, new TextEncoder().encode(`${JSON.stringify(data, null, 2)}\n`)),
    load,
    find: async (market, symbol) => (await findAll(market, [symbol]))[0] ?? null,
    findAll,
  }
}

/** Instrument data out of the bytes of a JSON file. @throws PlatformError invalid_instruments */
export function parseInstrumentBytes(bytes: Uint8Array): InstrumentData {
  const parsed = parseStrictJson(bytes, LIMITS)
  if (!parsed.ok) throw invalidInstruments([{ pointer: parsed.problem.pointer, message: parsed.problem.message }])
  return parseInstruments(parsed.value)
}

/** What a run reads of an instrument: exactly these fields, in this order, whatever else the file holds. */
function readByRuns(one: Instrument): Instrument {
  const { symbol, market, base, quote, tick, step, minQuantity, minNotional, multiplier, calendar, marginTiers } = one
  const read = { symbol, market, base, quote, tick, step, minQuantity, minNotional, multiplier, calendar }
  return marginTiers === undefined ? read : { ...read, marginTiers }
}

async function readOrNull(file: string): Promise<Uint8Array | null> {
  try {
    return await readFile(file)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}
