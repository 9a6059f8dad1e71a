import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import type { Result } from '../../../src/protocol/result.ts'
import { type CliSandbox, createCliSandbox } from '../../support/cli.ts'
import { testDataDir } from '../../support/test-data.ts'

const DATA = testDataDir()
const SYMBOLS = ['AVAXUSDT', 'DOGEUSDT', 'LINKUSDT', 'SOLUSDT', 'TRXUSDT', 'XRPUSDT']
const EXAMPLE = join(import.meta.dirname, '../../../examples/breakout.ts')

async function importSpot(cli: CliSandbox): Promise<void> {
  const files = SYMBOLS.map((symbol) => join(DATA!, 'crypto-spot', `${symbol}-5m.csv.gz`))
  const imported = await cli.run(['candles', 'import', ...files])
  if (imported.code !== 0) throw new Error(imported.stderr)
}

async function runJson(cli: CliSandbox, args: readonly string[]): Promise<Result> {
  const result = await cli.run(['run', ...args, '--json'])
  if (result.code !== 0) throw new Error(`exit ${result.code}: ${result.stdout.slice(0, 500)} ${result.stderr}`)
  return JSON.parse(result.stdout) as Result
}

describe.runIf(DATA !== null)('hotcell run on real candles', () => {
  it('gives one fingerprint for 1, 2 and 4 workers, other symbol order, fresh processes and a second import', async ({
    expect,
  }) => {
    await using first = await createCliSandbox()
    await using second = await createCliSandbox()
    await Promise.all([importSpot(first), importSpot(second)])
    const base = ['--interval', '5m', '--policy', 'trusted', '--slippage', '2']
    const inOrder = ['--symbols', SYMBOLS.join(',')]

    const results = [
      await runJson(first, [EXAMPLE, ...inOrder, ...base, '--workers', '1']),
      await runJson(first, [EXAMPLE, ...inOrder, ...base, '--workers', '2']),
      await runJson(first, [EXAMPLE, ...inOrder, ...base, '--workers', '4']),
      await runJson(first, [EXAMPLE, '--symbols', [...SYMBOLS].reverse().join(','), ...base]),
      await runJson(second, [EXAMPLE, ...inOrder, ...base, '--workers', '2', '--label', 'import=second']),
    ]

    const fingerprints = new Set(results.map((result) => result.fingerprint))
    expect([...fingerprints]).toHaveLength(1)
    expect(results[0]!.fingerprint).toMatch(/^[0-9a-f]{64}$/)
    expect(results[0]!.fills!.rows).toBeGreaterThan(100)
    for (const [index, workers] of [1, 2, 4].entries()) {
      const { units } = results[index]!.provenance
      expect(units.map((unit) => unit.key)).toEqual(SYMBOLS)
      expect(new Set(units.map((unit) => unit.thread)).size).toBeLessThanOrEqual(workers)
    }
    expect(new Set(results[1]!.provenance.units.map((unit) => unit.thread)).size).toBe(2)
  })

  it('gives another fingerprint when anything that matters differs', async ({ expect }) => {
    await using cli = await createCliSandbox()
    await importSpot(cli)
    const base = ['--symbols', 'SOLUSDT', '--interval', '5m']

    const one = await runJson(cli, [EXAMPLE, ...base])
    const others = [
      await runJson(cli, [EXAMPLE, ...base, '--param', 'length=49']),
      await runJson(cli, [EXAMPLE, ...base, '--seed', '1']),
      await runJson(cli, [EXAMPLE, ...base, '--to', '2024-08-31']),
    ]

    for (const other of others) expect(other.fingerprint).not.toBe(one.fingerprint)
  })

  it('runs a perpetual series imported as spot, the same twice', async ({ expect }) => {
    await using cli = await createCliSandbox()
    await copyFile(join(DATA!, 'crypto-perp', 'BTCUSDT-1m.csv.gz'), join(cli.cwd, 'BTCUSDT-1m.csv.gz'))
    const imported = await cli.run(['candles', 'import', 'BTCUSDT-1m.csv.gz', '--market', 'spot'])

    const one = await runJson(cli, [EXAMPLE, '--symbols', 'BTCUSDT', '--interval', '1m'])
    const two = await runJson(cli, [EXAMPLE, '--symbols', 'BTCUSDT', '--interval', '1m'])

    expect(imported.code).toBe(0)
    expect(one.window!.bars + one.window!.lookback).toBe(41_760)
    expect(two.fingerprint).toBe(one.fingerprint)
  })

  it('comes to the published values of SmaCrossover and BuyAndHold on daily bars', async ({ expect }) => {
    await using cli = await createCliSandbox()
    await cli.run(['candles', 'import', join(DATA!, 'crypto-spot', 'BTCUSDT-1d.csv.gz')])
    const base = ['--symbols', 'BTCUSDT', '--interval', '1d', '--fee', '0.0004']

    const crossover = await runJson(cli, ['SmaCrossover', ...base])
    const hold = await runJson(cli, ['BuyAndHold', ...base])

    expect(crossover.fills!.rows).toBe(8)
    expect(Math.abs(crossover.summary!.finalEquity / 11_426.0658796774 - 1)).toBeLessThan(1e-9)
    expect(Math.abs(hold.summary!.finalEquity / 12_711.2061995213 - 1)).toBeLessThan(1e-9)
  })
})
