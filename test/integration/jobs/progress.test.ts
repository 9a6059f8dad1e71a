import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import { runBacktest } from '../../../orchestrator-service/jobs/run-backtest.ts'
import type { CellEvent } from '../../../src/protocol/events.ts'
import { parseConfig } from '../../../src/protocol/parse-config.ts'
import { realShapedCandles } from '../../bench/candles.ts'
import { openTestApp } from '../../support/service.ts'

type Progress = Extract<CellEvent, { type: 'progress' }>

const BARS = 20_000_000
const QUIET = `import { BaseStrategy } from 'hotcell'
export default class Quiet extends BaseStrategy {
  decide({ candles, index }) {
    return index % 1000000 === 999999 ? { signal: candles.close[index] > candles.open[index] ? 'BUY' : 'SELL' } : null
  }
}
`

describe('runBacktest()', () => {
  it('shows at least ten progress events with rising bar time before the end of a run over 20 million bars', async ({
    expect,
  }) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'hotcell-large-'))
    try {
      await using app = await openTestApp(dataDir)
      const { deps } = app
      await deps.archive.write('spot', realShapedCandles('LARGE', BARS))
      const parsed = parseConfig({
        strategy: { module: 'quiet.js' },
        files: { 'quiet.js': QUIET },
        symbols: ['LARGE'],
        interval: '1m',
        options: { policy: 'trusted' },
      })
      const events: Progress[] = []

      const end = await runBacktest(deps, {
        job: 'large',
        mode: 'run',
        ...parsed,
        onEvent: (event) => {
          if (event.type === 'progress') events.push(event)
        },
      })

      expect(end.outcome, end.outcome.message).toMatchObject({ kind: 'ok' })
      const times = events
        .filter((event) => event.phase === 'decide' && event.barTime !== null)
        .map((event) => event.barTime!)
      const rising = times.filter((time, index) => index === 0 || time > times[index - 1]!)
      expect(rising.length).toBeGreaterThanOrEqual(10)
      expect(rising).toEqual(times)
      expect(end.outcome.usage.bars).toBe(BARS)
    } finally {
      await rm(dataDir, { recursive: true, force: true })
    }
  })
})
