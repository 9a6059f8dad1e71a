/** A strategy to start from: typed, commented, and it trades. `name` becomes the class name. */
export function buildStrategyTemplate(name: string): string {
  return `import { BaseStrategy, type Decision, type DecisionContext } from 'hotcell'

/** Buys when the close breaks above the highest high of the last \`length\` bars. */
export default class ${name} extends BaseStrategy<{ length: number }> {
  // The table of parameters: \`hotcell run FILE --param length=50\` is checked against it.
  static params = {
    length: { type: 'integer', default: 20, minimum: 2, maximum: 500, description: 'bars of the channel' },
  }

  // So many bars are loaded before the first decision.
  requiredLookback() {
    return this.params.length
  }

  // Called at the close of every bar. Entries after \`index\` are NaN: the future has not been written yet.
  decide({ candles, index }: DecisionContext): Decision | null {
    const close = candles.close[index]!
    let high = -Infinity
    for (let i = index - this.params.length; i < index; i++) high = Math.max(high, candles.high[i]!)
    return close > high ? { signal: 'BUY', slPct: 3, tpPct: 6 } : null
  }
}
`
}

/** Class name out of a file name: \`my-strategy.ts\` -> \`MyStrategy\`. */
export function classNameOf(fileName: string): string {
  const words = fileName
    .replace(/\.[a-z]+$/, '')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
  const name = words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('')
  return /^[A-Za-z]/.test(name) ? name : `Strategy${name}`
}
