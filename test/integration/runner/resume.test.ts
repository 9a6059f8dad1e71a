import { describe, it } from 'vitest'
import type { CellEvent } from '../../../src/protocol/events.ts'
import type { RunnerResult } from '../../../src/protocol/runner-result.ts'
import { wholeCheckpoints } from '../../support/checkpoints.ts'
import {
  encodeInput,
  makeFileConfig,
  makeHeader,
  makeRunConfig,
  type RunnerEnd,
  TEST_LIMITS,
  useRunnerProgram,
} from '../../support/runner-program.ts'
import { makeWalk } from '../../support/sample-series.ts'

/** Kills, half of them in phase 2; HOTCELL_TEST_RESUME_KILLS for more. */
const KILLS = Number(process.env['HOTCELL_TEST_RESUME_KILLS'] ?? 6)
const SYMBOLS = ['AAA', 'BBB', 'CCC', 'DDD', 'EEE', 'FFF']
const SERIES = SYMBOLS.map((symbol, i) => makeWalk({ symbol, rows: 40_000 + 100 * i, seed: i + 1 }))

const CODE = `import { BaseStrategy } from 'hotcell'
export default class S extends BaseStrategy {
  requiredLookback() { return 5 }
  workUnits() { return [['AAA'], ['BBB', 'CCC'], ['DDD'], ['EEE'], ['FFF']] }
  decide({ symbols, symbol, frames, index, random, log }) {
    if (index === 100) log('info', 'unit of ' + symbol)
    const chosen = symbols[Math.floor(random() * symbols.length)]
    if (frames[chosen].index < 5 || random() > 0.05) return null
    return { symbol: chosen, signal: random() < 0.6 ? 'BUY' : 'SELL', slPct: 2, rank: random(), meta: { at: index, of: chosen } }
  }
}`
const CONFIG = makeFileConfig(CODE, { path: 'main.js', symbols: SYMBOLS })

const runRunner = useRunnerProgram()

interface Attempt {
  readonly checkpoints?: readonly Uint8Array[]
  readonly isOver?: (events: readonly CellEvent[]) => boolean
  readonly config?: typeof CONFIG
  readonly limits?: Partial<typeof TEST_LIMITS>
}

async function attempt({ checkpoints = [], isOver, config = CONFIG, limits = {} }: Attempt): Promise<RunnerEnd> {
  const header = makeHeader(config, { workers: 2, limits: { ...TEST_LIMITS, ...limits } })
  return await runRunner(encodeInput(header, SERIES, { checkpoints }), isOver)
}

/** All that must not depend on time, place and history. */
function claimOf(end: RunnerEnd): Partial<RunnerResult> {
  const { timings: _timings, usage: _usage, ...claim } = end.result!
  return claim
}

const logsOf = (end: RunnerEnd): string[] => end.events.flatMap((event) => (event.type === 'log' ? [event.text] : []))

describe('a run that is killed', () => {
  it(
    `ends with the same bytes after kills: ${KILLS} of them, each in another attempt or another phase`,
    { timeout: 30_000 + KILLS * 10_000 },
    async ({ expect }) => {
      const whole = claimOf(await attempt({}))
      expect(whole.outcome!.message).toBe('The run is complete')
      expect(whole.decisions!.rows).toBeGreaterThan(1000)

      let kills = 0
      for (let round = 0; kills < KILLS; round += 1) {
        const kept: Uint8Array[] = []
        // One attempt after the other is killed, at the latest when phase 2 has begun
        for (const done of [1 + (round % 4), null]) {
          const { events, code, result } = await attempt({
            checkpoints: kept,
            isOver: (seen) =>
              done === null
                ? seen.some((event) => event.type === 'progress' && event.phase === 'execute')
                : wholeCheckpoints(seen).length >= done,
          })
          expect({ code, result }).toEqual({ code: null, result: null })
          kept.push(...wholeCheckpoints(events))
          kills += 1
        }
        const last = await attempt({ checkpoints: kept })

        expect(kept).toHaveLength(5)
        expect(claimOf(last)).toEqual(whole)
        expect(logsOf(last)).toEqual([])
      }
    },
  )

  it('runs only the units that are missing, also where the strategy aggregates', async ({ expect }) => {
    const source = CODE.replace('decide(', 'aggregateSignals(decisions) { return decisions.slice(0, 2) }\n  decide(')
    const config = makeFileConfig(source, { path: 'main.js', symbols: SYMBOLS })
    const whole = await attempt({ config })
    const kept = wholeCheckpoints(whole.events).slice(0, 3)

    const resumed = await attempt({ config, checkpoints: kept })

    expect(claimOf(resumed)).toEqual(claimOf(whole))
    expect([logsOf(whole).length, logsOf(resumed).length]).toEqual([5, 2])
    expect(wholeCheckpoints(resumed.events)).toHaveLength(2)
  })

  it('plays a portfolio strategy again from its first bar, in a new realm', async ({ expect }) => {
    const source = `import { BaseStrategy } from 'hotcell'
    export default class Own extends BaseStrategy {
      seen = 0
      onBar(portfolio) {
        this.seen += 1
        for (const symbol of Object.keys(portfolio.frames)) {
          const flat = portfolio.position(symbol) === null
          if (portfolio.random() > 0.03) continue
          if (flat) portfolio.submit({ symbol, side: 'buy', quantity: 0.01 * (1 + (this.seen % 7)), slPct: 3 })
          else portfolio.close(symbol)
        }
      }
    }`
    const config = makeFileConfig(source, { path: 'main.js', symbols: SYMBOLS })
    const whole = await attempt({ config })
    const lost = await attempt({
      config,
      isOver: (seen) => seen.some((event) => event.type === 'progress' && event.phase === 'execute'),
    })

    const again = await attempt({ config, checkpoints: wholeCheckpoints(lost.events) })

    expect(whole.result!.outcome.message).toBe('The run is complete')
    expect(whole.result!.decisions!.rows).toBeGreaterThan(1000)
    expect(lost.result).toBeNull()
    expect(claimOf(again)).toEqual(claimOf(whole))
  })

  it('resumes a built-in', async ({ expect }) => {
    const strategy = { builtin: 'SmaCrossover', params: { fast: 10, slow: 30 } }
    const config = makeRunConfig({ strategy, symbols: SYMBOLS })
    const whole = await attempt({ config })

    const resumed = await attempt({ config, checkpoints: wholeCheckpoints(whole.events).slice(0, 4) })

    expect(claimOf(resumed)).toEqual(claimOf(whole))
    expect(wholeCheckpoints(resumed.events)).toHaveLength(2)
  })

  it('sends no checkpoint of units that were fast, and none beyond the cap', async ({ expect }) => {
    const [fast, capped] = [
      await attempt({ limits: { checkpointMs: 60_000 } }),
      await attempt({ limits: { checkpointBytes: 40_000 } }),
    ]

    expect(wholeCheckpoints(fast.events)).toEqual([])
    expect(wholeCheckpoints(capped.events).length).toBeLessThan(3)
    expect(capped.result!.outcome.kind).toBe('ok')
  })

  it('ends as platform_error(protocol) on a checkpoint that is not of this run', async ({ expect }) => {
    const [first] = wholeCheckpoints((await attempt({})).events)
    const ends = [
      await attempt({ checkpoints: [first!, first!] }),
      await attempt({ checkpoints: [first!.subarray(0, 100)] }),
      await attempt({ checkpoints: [Buffer.from(first!).fill(0x7b, 4, 8)] }),
      await attempt({ checkpoints: [first!], config: makeRunConfig({ symbols: SYMBOLS.slice(0, 1) }) }),
    ]

    for (const { result } of ends) {
      expect(result!.outcome).toMatchObject({ kind: 'platform_error', reason: 'protocol' })
      expect(result!.outcome.message).toContain('Cannot go on from the checkpoints: ')
    }
  })
})
