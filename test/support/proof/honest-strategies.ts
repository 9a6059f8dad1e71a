import { BUILTIN_STRATEGIES } from '../../../src/strategies/builtin-catalogue.ts'

/** Configurations of honest strategies of every kind: a proof must not find anything in them. */
export type HonestConfigs = Readonly<Record<string, Record<string, unknown>>>

export function moduleStrategy(body: string, methods = ''): Record<string, unknown> {
  const code = `import { BaseStrategy } from 'hotcell'
export default class Made extends BaseStrategy {
  ${methods}
  decide(context) {
    const { candles, index } = context
    ${body}
  }
}
`
  return { strategy: { module: 'made.js' }, files: { 'made.js': code } }
}

export const TREND = `
    if (index % 7 !== 0) return null
    return candles.close[index] > candles.open[index] ? { signal: 'BUY', slPct: 3 } : { signal: 'SELL' }`

/** `one` has bars from the start of the window on, `late` is listed later. */
export function honestConfigs(one: string, late: string): HonestConfigs {
  const both = { symbols: [one, late].sort() }
  return {
    ...Object.fromEntries(BUILTIN_STRATEGIES.map((name) => [name, { strategy: { builtin: name } }])),
    'decides on a bar': moduleStrategy(TREND),
    'with indicators': moduleStrategy(
      `const { fast, slow } = context.indicators
    if (fast[index - 1] <= slow[index - 1] && fast[index] > slow[index]) return { signal: 'BUY', meta: { at: index } }
    return fast[index - 1] >= slow[index - 1] && fast[index] < slow[index] ? { signal: 'SELL' } : null`,
      `requiredLookback() { return 40 }
  requiredIndicators() { return [{ id: 'fast', kind: 'ema', params: { period: 9 } }, { id: 'slow', kind: 'sma', params: { period: 33 } }] }`,
    ),
    'with chance': moduleStrategy(
      `return context.random() < 0.02 ? { signal: Math.random() < 0.5 ? 'BUY' : 'SELL' } : null`,
    ),
    'that remembers': moduleStrategy(
      `this.sum += candles.close[index]
    return index % 50 === 0 ? { signal: this.sum / (index + 1) < candles.close[index] ? 'BUY' : 'SELL' } : null`,
      'sum = 0',
    ),
    'on two symbols, one listed late': {
      ...moduleStrategy(
        `const [early, late] = ['${one}', '${late}'].map((name) => context.frames[name])
    if (late.index < 0 || index % 11 !== 0) return null
    const better = late.close[late.index] > late.open[late.index]
    return [{ signal: better ? 'BUY' : 'SELL', symbol: '${late}' }, { signal: better ? 'SELL' : 'BUY', symbol: '${one}' }]`,
        'workUnits(symbols) { return [symbols] }',
      ),
      ...both,
    },
    'with a higher interval': moduleStrategy(
      `const day = context.higher('1d')
    if (day.index < 1 || index % 13 !== 0) return null
    return { signal: day.close[day.index] > day.close[day.index - 1] ? 'BUY' : 'SELL' }`,
      `requiredIntervals() { return ['1d'] }`,
    ),
    'that learns before it begins': moduleStrategy(
      `return index % 17 === 0 ? { signal: candles.close[index] > this.level ? 'BUY' : 'SELL' } : null`,
      `requiredLookback() { return 30 }
  fit({ candles }) { this.level = candles.close.at(-1) }`,
    ),
    'that learns again and again': moduleStrategy(
      `return index % 17 === 0 ? { signal: candles.close[index] > this.level ? 'BUY' : 'SELL' } : null`,
      `refitEvery = 100
  level = 0
  fit({ candles, random }) { let sum = random() * 1e-9; for (const close of candles.close) sum += close; this.level = sum / Math.max(1, candles.close.length) }`,
    ),
    'that learns on two symbols': {
      ...moduleStrategy(
        `return index % 9 === 0 ? { signal: context.random() < this.share ? 'BUY' : 'SELL', symbol: '${one}' } : null`,
        `refitEvery = 40
  share = 0.5
  workUnits(symbols) { return [symbols] }
  fit({ frames }) { const [a, b] = Object.values(frames).map(({ close }) => close.length); this.share = (a + 1) / (a + b + 2) }`,
      ),
      ...both,
    },
    'that aggregates': {
      ...moduleStrategy(
        TREND,
        `count = 0
  aggregateSignals(decisions) { this.count += decisions.length; return this.count % 3 === 0 ? decisions : decisions.slice(0, 1) }`,
      ),
      ...both,
    },
    'that asks for the time': moduleStrategy(
      `return new Date().getUTCHours() === 7 ? { signal: Date.now() % 172_800_000 < 86_400_000 ? 'BUY' : 'SELL' } : null`,
    ),
    'with promises': moduleStrategy(
      `Promise.resolve(candles.close[index]).then((close) => { this.seen = (this.seen ?? 0) + close; this.kept = (this.kept ?? 0) + 1 })
    void this.wait(candles.open[index])
    return index % 5 === 0 ? { signal: this.kept % 2 === (this.waited > this.seen ? 1 : 0) ? 'BUY' : 'SELL', meta: { kept: this.kept ?? 0, seen: this.seen ?? 0 } } : null`,
      `async wait(price) { await null; await null; this.waited = (this.waited ?? 0) + price }`,
    ),
    'that aggregates with promises': {
      ...moduleStrategy(
        TREND,
        `kept = 0
  aggregateSignals(decisions) {
    Array.fromAsync(decisions).then(({ length }) => { this.kept += length })
    return this.kept % 3 === 0 ? decisions : decisions.slice(0, 1)
  }`,
      ),
      ...both,
    },
    // As much as the cap of its cell lets it
    'that talks': moduleStrategy(`for (let i = 0; i < 10; i++) console.log('x'.repeat(1352))
    return { signal: index % 2 === 0 ? 'BUY' : 'SELL' }`),
    'without a decision': moduleStrategy('return null'),
  }
}

/** Those that decide nothing, whatever the candles are. */
export const SILENT = 'without a decision'
