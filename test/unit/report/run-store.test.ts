import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, test as base } from 'vitest'
import { packRun } from '../../../orchestrator-service/results/analysed-run.ts'
import { buildResult } from '../../../orchestrator-service/results/build-result.ts'
import { createRunStore } from '../../../orchestrator-service/results/run-store.ts'
import {
  decodeEquity,
  decodeFills,
  decodeOrders,
  decodeRefusals,
  decodeTrades,
} from '../../support/decode-run-tables.ts'
import { OK_OUTCOME, syntheticRun } from '../../support/synthetic-run.ts'

const test = base.extend<{ dataDir: string }>({
  dataDir: // oxlint-disable-next-line no-empty-pattern -- vitest reads the fixtures that are wanted out of this pattern
    async ({}, use) => {
      const directory = await mkdtemp(path.join(tmpdir(), 'hotcell-runs-'))
      await use(directory)
      await rm(directory, { recursive: true, force: true })
    },
})

const run = syntheticRun({ symbols: ['AAA', 'BBB'], interval: '1d', bars: 400, trades: 10 })

describe('createRunStore()', () => {
  test('gives back what was saved, to the last bit', async ({ expect, dataDir }) => {
    const store = createRunStore(dataDir)
    const { explanation } = run.analysis
    await store.save(run.result.id, { result: run.result, analysis: packRun(run.analysis) })

    expect(await store.load(run.result.id)).toEqual(run.result)
    const read = async (file: string) => await readFile(path.join(dataDir, 'runs', run.result.id, file))
    const fills = decodeFills(await read('fills.arrow'))
    expect(fills).toEqual(explanation.fills)
    expect(decodeTrades(await read('trades.arrow'), fills)).toEqual(explanation.trades)
    const { equity, benchmark } = decodeEquity(await read('equity.arrow'))
    expect([...equity]).toEqual([...run.analysis.equity])
    expect([...benchmark]).toEqual([...run.analysis.benchmark.equity])
    expect(decodeOrders(await read('orders.arrow'))).toEqual(explanation.orders)
    expect(decodeRefusals(await read('refusals.arrow'))).toEqual(explanation.refusals)
    expect((await readdir(path.join(dataDir, 'runs', run.result.id))).filter((file) => file.endsWith('.tmp'))).toEqual(
      [],
    )
  })

  test('keeps failed runs without tables', async ({ expect, dataDir }) => {
    const store = createRunStore(dataDir)
    const outcome = { ...OK_OUTCOME, kind: 'strategy_error' as const, reason: 'threw', message: 'Error' }
    const result = buildResult({ ...run.input, id: 'r-failed', data: null, verified: null, outcome })

    await store.save('r-failed', { result, analysis: null })

    expect((await store.load('r-failed')).outcome.reason).toBe('threw')
    expect(await readdir(path.join(dataDir, 'runs', 'r-failed'))).toEqual(['result.json'])
  })

  test('names what is wrong with a result that it did not write', async ({ expect, dataDir }) => {
    await mkdir(path.join(dataDir, 'runs', 'r-broken'), { recursive: true })
    await writeFile(path.join(dataDir, 'runs', 'r-broken', 'result.json'), '{"v":2}')

    await expect(createRunStore(dataDir).load('r-broken')).rejects.toMatchObject({
      code: 'unknown_run',
      message: expect.stringContaining('expected the result as it was saved') as string,
    })
  })

  test('refuses ids that are no ids, and runs that are not there', async ({ expect, dataDir }) => {
    const store = createRunStore(dataDir)

    for (const id of ['../etc', 'a/b', '', '.', 'R-UPPER', 'x'.repeat(65), 'r-none']) {
      await expect(store.load(id), id).rejects.toMatchObject({ code: 'unknown_run' })
    }
    expect(() => store.pathOf('../../x', 'result.json')).toThrow(/not a run id/)
  })

  test('refuses to save what it could not load again', async ({ expect, dataDir }) => {
    const store = createRunStore(dataDir)
    const result = { ...run.result, surprise: 1 }

    await expect(store.save('r-odd', { result, analysis: null })).rejects.toMatchObject({ code: 'invariant' })
    await expect(store.load('r-odd')).rejects.toMatchObject({ code: 'unknown_run' })
  })

  test('makes ids of its own form, each another', ({ expect, dataDir }) => {
    const store = createRunStore(dataDir)
    const ids = new Set(Array.from({ length: 100 }, () => store.newId()))

    expect(ids.size).toBe(100)
    for (const id of ids) expect(id).toMatch(/^r-[a-z2-7]{16}$/)
  })
})
