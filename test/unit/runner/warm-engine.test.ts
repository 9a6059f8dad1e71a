import { describe, expect, it } from 'vitest'
import { warmEngine } from '../../../runner-image/tasks/warm-engine.ts'
import { parseConfig } from '../../../src/protocol/parse-config.ts'

const FILES = { 'main.js': '' }
const OWN = { symbols: ['AAA'], interval: '1h', strategy: { module: 'main.js' }, files: FILES }
const PERPETUAL = { market: 'perpetual', perpetual: { leverage: 5, allowShort: true, funding: 'none' } }

describe('what is played while candles come in', () => {
  // An exception there ends the thread, and with it the job
  it.for([
    ['a built-in', { strategy: { builtin: 'SmaCrossover' }, files: undefined }],
    ['a strategy of files', {}],
    ['isolated margin', PERPETUAL],
    ['cross margin', { ...PERPETUAL, perpetual: { ...PERPETUAL.perpetual, marginMode: 'cross' } }],
    ['partial fills', { execution: { participation: 0.1 } }],
    ['sizing by past trades', { sizing: { builtin: 'kelly' } }],
    ['another fill policy', { fill: 'random' }],
    ['another profile', { profile: 'backtrader' }],
    ['a policy of files', { sizing: { module: 'main.js', function: 'size' } }],
  ] as const)('goes through with %s', ([, changes]) => {
    const { config } = parseConfig({ ...OWN, ...changes })

    expect(() => warmEngine(structuredClone(config))).not.toThrow()
  })
})
