import { describe, it } from 'vitest'
import { PlatformError } from '../../../src/errors.ts'
import { BacktestConfig } from '../../../src/protocol/backtest-config.ts'
import { parseConfig } from '../../../src/protocol/parse-config.ts'
import { PROFILE_EXECUTION } from '../../../src/protocol/profiles.ts'
import { FIELDS } from './public-fields.ts'

const MINIMAL = { strategy: { builtin: 'BuyAndHold' }, symbols: ['BTCUSDT'], interval: '1d' }
const USER = {
  strategy: { module: 'main.ts' },
  files: { 'main.ts': 'export default class {}' },
  symbols: ['BTCUSDT'],
  interval: '1d',
}

function errorsOf(input: unknown): PlatformError {
  try {
    parseConfig(input)
  } catch (error) {
    if (error instanceof PlatformError) return error
    throw error
  }
  throw new Error('Expected parseConfig to refuse this')
}

function withField(field: string, value: unknown): Record<string, unknown> {
  const [top, below] = field.slice(1).split('/') as [string, string | undefined]
  if (below !== undefined) return { ...MINIMAL, [top]: { [below]: value } }
  const base = JSON.stringify(value)?.includes('main.ts') ? USER : MINIMAL
  return { ...base, [top]: value }
}

function at(value: unknown, pointer: string): unknown {
  return pointer
    .slice(1)
    .split('/')
    .reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], value)
}

/** Names of all fields of the schema, one level below the groups included. */
function schemaFields(): string[] {
  const properties = BacktestConfig.properties as Record<string, { properties?: object }>
  return Object.entries(properties).flatMap(([name, schema]) => [
    `/${name}`,
    ...Object.keys(schema.properties ?? {}).map((below) => `/${name}/${below}`),
  ])
}

describe('parseConfig()', () => {
  it('has a row for every public field', ({ expect }) => {
    expect(FIELDS.map((row) => row.field).sort()).toEqual(schemaFields().sort())
  })

  for (const row of FIELDS) {
    it(`reads ${row.field}`, ({ expect }) => {
      for (const [value, pointer, expected] of row.good)
        expect(at(parseConfig(withField(row.field, value)), pointer)).toEqual(expected)
    })

    it(`refuses bad values of ${row.field} with a pointer`, ({ expect }) => {
      for (const value of row.bad) {
        const error = errorsOf(withField(row.field, value))

        expect(error.code).toBe('invalid_config')
        expect(
          error.errors.some((e) => e.pointer.startsWith(row.field)),
          `${JSON.stringify(value)?.slice(0, 80)}: ${JSON.stringify(error.errors)}`,
        ).toBe(true)
      }
    })
  }

  it('refuses unknown fields at every level and lists all of them', ({ expect }) => {
    const error = errorsOf({ ...MINIMAL, foo: 1, bar: 2, execution: { baz: 3 } })

    expect(error.errors.map((e) => e.pointer).sort()).toEqual(['/bar', '/execution/baz', '/foo'])
  })

  it('refuses bounds by a second run beside executors, whose answers belong to the first', ({ expect }) => {
    const executors = { iceberg: { module: 'main.ts', class: 'X' } }

    expect(errorsOf({ ...USER, executors, options: { bounds: 'rerun' } }).errors).toMatchObject([
      { pointer: '/options/bounds' },
    ])
  })

  it('gives the same configuration whether a default is written out or not', ({ expect }) => {
    const written = {
      ...MINIMAL,
      market: 'spot',
      start: null,
      fee: { builtin: 'percent', params: { maker: 0.0002, taker: 0.0004 } },
      sizing: 100,
      execution: { retryBars: 0 },
      seed: '0',
    }

    expect(parseConfig(written).config).toEqual(parseConfig(MINIMAL).config)
  })

  it('takes from a profile what the configuration leaves open, and nothing else', ({ expect }) => {
    const execution = { restingLimit: 'limit', onSame: 'ignore' }
    const { config } = parseConfig({ ...MINIMAL, profile: 'backtrader', execution })

    expect(config).toEqual({
      ...parseConfig(MINIMAL).config,
      profile: 'backtrader',
      execution: {
        ...PROFILE_EXECUTION.backtrader,
        restingLimit: 'limit',
        onSame: 'ignore',
      },
    })
  })

  it('fills in what a perpetual has beside the rest, and leaves it away on a spot market', ({ expect }) => {
    const { config } = parseConfig({ ...MINIMAL, market: 'perpetual', perpetual: { leverage: 5, funding: 'none' } })

    expect(config.perpetual).toEqual({
      leverage: 5,
      marginMode: 'isolated',
      allowShort: false,
      onOpposite: 'close',
      mark: 'auto',
      funding: 'none',
    })
    expect(parseConfig(MINIMAL).config).not.toHaveProperty('perpetual')
  })

  it('takes 100 % divided by the number of symbols as the default size', ({ expect }) => {
    const { config } = parseConfig({ ...MINIMAL, symbols: ['A', 'B', 'C', 'D'] })

    expect(config.sizing).toEqual({ builtin: 'percentOfEquity', params: { percent: 25 } })
    expect(config.capacity).toEqual({ builtin: 'maxPositions', params: { max: 4 } })
  })

  it('refuses a start that is not before the end', ({ expect }) => {
    expect(errorsOf({ ...MINIMAL, start: 10, end: 10 }).errors[0]?.pointer).toBe('/end')
  })
})
