import { describe, it } from 'vitest'
import { parseRequest } from '../../../orchestrator-service/store/sqlite/job-rows.ts'
import { parseConfig } from '../../../src/protocol/parse-config.ts'

/** As the releases before bracketFrom, restingLimit and quantity wrote it; never to be changed. */
const FIRST_CONFIG =
  '{"strategy":{"builtin":"SmaCrossover","params":{"fast":10,"slow":30}},"files":[],"market":"spot","symbols":["COIN"],"interval":"1m","start":null,"end":null,"initialCash":10000,"fee":{"builtin":"percent","params":{"maker":0.0002,"taker":0.0004}},"slippage":{"builtin":"bps","params":{"bps":0}},"sizing":{"builtin":"percentOfEquity","params":{"percent":100}},"capacity":{"builtin":"maxPositions","params":{"max":1}},"risk":{"builtin":"none","params":{}},"fill":"worst","profile":"hotcell/v1","endOfData":"open","execution":{"marketFill":"next_open","onSame":"ignore","onShortfall":"shrink","retryBars":0,"maxWaitBars":10,"limitTouch":"strict","clampSlippage":false,"participation":null,"trailBasis":"extreme"},"data":{"gaps":"mark","maxSyntheticShare":0.05,"maxGapBars":1440},"metrics":{"periodsPerYear":null,"riskFree":0},"seed":"0","args":{}}'
const FIRST_OPTIONS = '{"policy":"default","workers":null,"priority":0,"proof":false,"labels":{}}'

const read = (config: string, options = FIRST_OPTIONS) => parseRequest('r-1', { config, options })

describe('a stored request', () => {
  it('of the first form means what the same submission means now', ({ expect }) => {
    const now = parseConfig({
      strategy: { builtin: 'SmaCrossover', params: { fast: 10, slow: 30 } },
      symbols: ['COIN'],
      interval: '1m',
    })

    expect(read(FIRST_CONFIG).config).toEqual(now.config)
  })

  it('of the newest form comes back as it was stored', ({ expect }) => {
    const { config, options } = parseConfig({
      strategy: { builtin: 'BuyAndHold' },
      symbols: ['COIN'],
      interval: '1h',
      profile: 'backtrader',
      options: { proof: true, labels: { a: 'b' } },
    })

    expect(read(JSON.stringify(config), JSON.stringify(options))).toEqual({ config, options })
  })

  it.for([
    [
      'some of the settings of a step',
      FIRST_CONFIG.replace('"trailBasis":"extreme"', '"trailBasis":"extreme","quantity":"steps"'),
    ],
    [
      'a setting that there never was',
      FIRST_CONFIG.replace('"trailBasis":"extreme"', '"trailBasis":"extreme","bracket":"line"'),
    ],
    ['without a setting that was always there', FIRST_CONFIG.replace('"onSame":"ignore",', '')],
    ['without its section', FIRST_CONFIG.replace(/"execution":\{[^}]*\},/, '')],
    ['not an object', '[]'],
    ['empty', '{}'],
  ] as const)('is damaged with %s', ([, config], { expect }) => {
    expect(() => read(config)).toThrow('Cannot read job "r-1": it is damaged in its configuration')
  })
})
