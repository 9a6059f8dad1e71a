import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, test as base } from 'vitest'
import { buildResult } from '../../../orchestrator-service/results/build-result.ts'
import { createRunStore } from '../../../orchestrator-service/results/run-store.ts'
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
    await store.create(run.result.id)

    await store.save(run.result.id, { result: run.result, analysis: run.analysis })

    expect(await store.load(run.result.id)).toEqual(run.result)
    const tables = (await store.loadTables(run.result.id))!
    expect(tables.fills).toEqual(explanation.fills)
    expect(tables.trades).toEqual(explanation.trades)
    expect([...tables.equity.equity]).toEqual([...run.analysis.equity])
    expect([...tables.equity.benchmark]).toEqual([...run.analysis.benchmark.equity])
    const { orders, refusals } = (await store.loadOrders(run.result.id))!
    expect(orders).toEqual(explanation.orders)
    expect(refusals).toEqual(explanation.refusals)
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
    expect(await store.loadTables('r-failed')).toBe(null)
  })

  test('lists runs newest first and names what it cannot read', async ({ expect, dataDir }) => {
    const store = createRunStore(dataDir)
    for (const [id, createdAt] of [
      ['r-one', '2026-01-01T00:00:00.000Z'],
      ['r-two', '2026-01-02T00:00:00.000Z'],
    ] as const) {
      const result = { ...run.result, id, provenance: { ...run.result.provenance, createdAt } }
      await store.save(id, { result, analysis: null })
    }
    await mkdir(path.join(dataDir, 'runs', 'r-broken'))
    await writeFile(path.join(dataDir, 'runs', 'r-broken', 'result.json'), '{"v":2}')

    const { runs, damaged } = await store.list()

    expect(runs.map(({ id, strategy }) => [id, strategy])).toEqual([
      ['r-two', 'main.ts#Breakout'],
      ['r-one', 'main.ts#Breakout'],
    ])
    expect(damaged).toEqual(['r-broken'])
  })

  test('lists nothing where there is nothing', async ({ expect, dataDir }) => {
    expect(await createRunStore(dataDir).list()).toEqual({ runs: [], damaged: [] })
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
    expect((await store.list()).damaged).toEqual([])
  })

  test('does not create a run twice', async ({ expect, dataDir }) => {
    const store = createRunStore(dataDir)
    await store.create('r-twice')

    await expect(store.create('r-twice')).rejects.toThrow(/EEXIST/)
  })

  test('makes ids of its own form, each another', ({ expect, dataDir }) => {
    const store = createRunStore(dataDir)
    const ids = new Set(Array.from({ length: 100 }, () => store.newId()))

    expect(ids.size).toBe(100)
    for (const id of ids) expect(id).toMatch(/^r-[a-z2-7]{16}$/)
  })
})
