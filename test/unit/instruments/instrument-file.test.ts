import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, test } from 'vitest'
import { createInstrumentStore, parseInstrumentBytes } from '../../../orchestrator-service/candles/instrument-store.ts'
import { instrumentsImport, instrumentsList } from '../../../orchestrator-service/cli/commands/instruments.ts'

const BTC = {
  symbol: 'BTCUSDT',
  market: 'spot',
  base: 'BTC',
  quote: 'USDT',
  tick: '0.01',
  step: '0.00001',
  minQuantity: '0.00001',
  minNotional: '5',
  multiplier: '1',
  calendar: '24/7',
}

function bytesOf(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value))
}

function errorsOf(value: unknown): string[] {
  try {
    parseInstrumentBytes(bytesOf(value))
    return []
  } catch (error) {
    const { code, errors } = error as { code: string; errors: { pointer: string; message: string }[] }
    return [code, ...errors.map((one) => `${one.pointer} ${one.message}`)]
  }
}

async function temporaryFolder() {
  const folder = await mkdtemp(path.join(tmpdir(), 'hotcell-instruments-'))
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) }
}

describe('instrument file', () => {
  test('is read with its decimal strings as they are', ({ expect }) => {
    const eth = { ...BTC, symbol: 'AETH', tick: null, step: null, minQuantity: null, minNotional: null }

    const data = parseInstrumentBytes(bytesOf({ version: '2026-11', instruments: [BTC, eth] }))

    expect(data).toEqual({ version: '2026-11', instruments: [eth, BTC] })
  })

  test.for<[string, unknown, RegExp]>([
    ['a number instead of text', { ...BTC, tick: 0.01 }, /^\/instruments\/0\/tick /],
    ['a step of 0', { ...BTC, step: '0' }, /^\/instruments\/0\/step must be above 0/],
    ['a negative minimum', { ...BTC, minQuantity: '-1' }, /^\/instruments\/0\/minQuantity /],
    ['an exponent', { ...BTC, tick: '1e-2' }, /^\/instruments\/0\/tick /],
    ['an unknown field', { ...BTC, lot: '1' }, /^\/instruments\/0\/lot is not a known field/],
    ['a missing field', { ...BTC, quote: undefined }, /^\/instruments\/0\/quote is missing/],
    ['an unknown market', { ...BTC, market: 'futures' }, /^\/instruments\/0\/market /],
    ['a session calendar', { ...BTC, calendar: 'XNYS' }, /^\/instruments\/0\/calendar not supported yet/],
    ['a path as symbol', { ...BTC, symbol: '../x' }, /^\/instruments\/0\/symbol /],
    ['a spot multiplier', { ...BTC, multiplier: '10' }, /^\/instruments\/0\/multiplier must be 1/],
  ])('refuses %s with its pointer', ([, entry, expected], { expect }) => {
    const errors = errorsOf({ version: '1', instruments: [entry] })

    expect(errors[0]).toBe('invalid_instruments')
    expect(errors[1]).toMatch(expected)
  })

  test('refuses the same symbol twice in one market', ({ expect }) => {
    expect(errorsOf({ version: '1', instruments: [BTC, BTC] })[1]).toMatch(
      /^\/instruments\/1 names spot BTCUSDT a second/,
    )
    expect(errorsOf({ version: '1', instruments: [BTC, { ...BTC, market: 'perpetual' }] })).toEqual([])
  })

  test('refuses what is not JSON, has duplicate keys or __proto__', ({ expect }) => {
    for (const text of ['', '{', '{"version":"1","version":"2","instruments":[]}', '{"__proto__":{}}']) {
      expect(() => parseInstrumentBytes(new TextEncoder().encode(text))).toThrow(
        expect.objectContaining({ code: 'invalid_instruments' }),
      )
    }
  })
})

describe('instrument store', () => {
  test('is null before the first import and finds by market and symbol after it', async ({ expect }) => {
    await using dir = await temporaryFolder()
    const store = createInstrumentStore(dir.folder)
    expect(await store.load()).toBeNull()
    expect(await store.findAll('spot', ['BTCUSDT'])).toEqual([null])

    const tiers = [{ floor: '0', cap: null, maintenanceMarginRate: '0.004' }]
    const perpetual = { ...BTC, market: 'perpetual', marginTiers: tiers }
    const data = parseInstrumentBytes(bytesOf({ version: '7', instruments: [BTC, perpetual] }))
    await store.write(data)

    expect(await store.load()).toEqual(data)
    expect(await store.find('spot', 'BTCUSDT')).toEqual(BTC)
    expect(await store.findAll('spot', ['X', 'BTCUSDT'])).toEqual([null, BTC])
    expect(await store.find('perpetual', 'BTCUSDT')).toEqual(perpetual)
    expect(await store.find('perpetual', 'ETHUSDT')).toBeNull()
  })

  test('margin tiers have no gaps, rates that rise, and the maintenance amounts that follow from them', ({
    expect,
  }) => {
    const tier = (floor: string, cap: string | null, rate: string, rest: object = {}) => ({
      floor,
      cap,
      maintenanceMarginRate: rate,
      ...rest,
    })
    const faultOf = (marginTiers: object[], market = 'perpetual'): string | undefined =>
      errorsOf({ version: '1', instruments: [{ ...BTC, market, marginTiers }] })[1]?.split(' ')[0]
    const first = tier('0', '50000', '0.004')

    // 50,000 * (0.005 - 0.004) = 50
    expect(faultOf([first, tier('50000', null, '0.005', { maintenanceAmount: '50' })])).toBeUndefined()
    expect(faultOf([first, tier('50000', null, '0.005', { maintenanceAmount: '60' })])).toBe(
      '/instruments/0/marginTiers/1',
    )
    expect(faultOf([first, tier('60000', null, '0.005')])).toBe('/instruments/0/marginTiers/1')
    expect(faultOf([first, tier('50000', null, '0.003')])).toBe('/instruments/0/marginTiers/1')
    expect(faultOf([tier('10', null, '0.004')])).toBe('/instruments/0/marginTiers/0')
    expect(faultOf([first], 'spot')).toBe('/instruments/0/marginTiers')
  })

  test('import is all or nothing, list shows what there is', async ({ expect }) => {
    await using dir = await temporaryFolder()
    const store = createInstrumentStore(dir.folder)
    const out: string[] = []
    const io = { json: true, out: (text: string) => void out.push(text), err: () => {} }
    const file = path.join(dir.folder, 'in.json')
    await writeFile(file, bytesOf({ version: '1', instruments: [BTC] }))
    await instrumentsImport({ file, store }, io)
    const stored = await readFile(path.join(dir.folder, 'instruments.json'), 'utf8')

    await writeFile(file, bytesOf({ version: '2', instruments: [BTC, { ...BTC, symbol: 'ETHUSDT', tick: '0' }] }))
    await expect(instrumentsImport({ file, store }, io)).rejects.toMatchObject({ code: 'invalid_instruments' })
    await expect(instrumentsImport({ file: `${file}.no`, store }, io)).rejects.toMatchObject({ code: 'usage' })
    await instrumentsList({ store }, io)

    expect(await readFile(path.join(dir.folder, 'instruments.json'), 'utf8')).toBe(stored)
    expect(out.map((text) => JSON.parse(text) as unknown)).toEqual([
      { version: '1', instruments: 1, marginTiers: 0 },
      { version: '1', instruments: [BTC] },
    ])
  })
})
