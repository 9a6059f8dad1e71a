import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import { runBacktest } from '../../../orchestrator-service/jobs/run-backtest.ts'
import { buildStrategyTemplate } from '../../../orchestrator-service/strategies/template.ts'
import { parseConfig } from '../../../src/protocol/parse-config.ts'
import { openTestApp } from '../../support/service.ts'

describe('runBacktest() in mode inspect', () => {
  it('ends cleanly every time, although the realm has been closed just before the cell ends', async ({ expect }) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'hotcell-inspect-'))
    try {
      await using app = await openTestApp(dataDir)
      const { deps } = app
      const parsed = parseConfig({
        strategy: { module: 'main.ts' },
        files: { 'main.ts': buildStrategyTemplate('Inspected') },
        symbols: ['ANY'],
        interval: '1h',
      })
      const ends = []

      for (let i = 0; i < 15; i += 1) ends.push(await runBacktest(deps, { job: 'inspect', mode: 'inspect', ...parsed }))

      for (const { outcome, inspection } of ends) {
        expect(outcome).toMatchObject({ kind: 'ok', exitCode: 0 })
        expect(inspection).toMatchObject({ name: 'Inspected', lookback: 20 })
      }
    } finally {
      await rm(dataDir, { recursive: true, force: true })
    }
  })
})
