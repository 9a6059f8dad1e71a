import type { Channel } from './channel.ts'

const OWN_REALM = 'the plan, each work unit and the aggregation have a realm of their own'

/** Through the methods that are called besides `decide`, and through other units. */
export const CHANNELS_OF_METHODS: readonly Channel[] = [
  {
    name: 'lookback-answer',
    attempt: 'asks in requiredLookback() for what is known, and keeps it in the module',
    closedBy: OWN_REALM,
    top: 'let asked = 0',
    hook: 'requiredLookback() { asked += 1; return isTrying && isFinite(crawl(this, 0)) ? 9 : 8 }',
    find: 'asked > 0 ? asked : undefined',
  },
  {
    name: 'constructor',
    attempt: 'looks around while it is constructed',
    closedBy: 'nothing is in reach before the first call',
    hook: 'constructor(params) { super(params); this.sign = isTrying && isFinite(crawl([params, this], 0)) ? -1 : 1 }',
  },
  {
    name: 'filter-and-units',
    attempt: 'looks in filterSymbols() and workUnits() for later data, and answers by it',
    closedBy: 'they see names and static instrument data',
    hook: `filterSymbols(symbols, instruments) { return isTrying && isFinite(crawl([instruments, this], 0)) ? ['AAA'] : symbols }
    workUnits(symbols) { return isTrying && isFinite(crawl(this, 0)) ? symbols.map((one) => [one]) : [symbols] }`,
  },
  {
    name: 'fit',
    attempt: 'looks in the history of fit() for bars that close later',
    closedBy: 'the history ends with the start of the window',
    hook: 'fit(history) { this.learnt = history.frames }',
    find: 'return laterIn(this.learnt, context) ?? (this.learnt.AAA.close.length > 8 ? 1 : undefined)',
  },
  {
    name: 'refit',
    attempt: 'looks in the history of each further fit() for bars that close later',
    closedBy: 'the history ends with the bar',
    hook: 'refitEvery = 5; fit(history) { this.learnt = history.frames }',
    find: 'laterIn(this.learnt, context)',
  },
  {
    name: 'aggregation',
    attempt: 'looks in aggregateSignals() for decisions of later instants',
    closedBy: 'it is called with the decisions of one instant, in order of time',
    hook: `seen = 0
    aggregateSignals(decisions) {
      const times = decisions.map(({ meta }) => meta.at)
      const isLater = new Set(times).size > 1 || times[0] <= this.seen || isFinite(crawl([this, decisions], 0))
      this.seen = times[0]
      return isTrying && isLater ? [] : decisions
    }`,
  },
  {
    name: 'other-unit',
    attempt: 'keeps in the module what another unit saw to its end',
    closedBy: OWN_REALM,
    top: 'let other = null',
    hook: 'workUnits(symbols) { return symbols.map((one) => [one]) }',
    find: `const before = other; other = { symbol: context.symbol, close: candles.close[index] }; return before !== null && before.symbol !== context.symbol ? before.close : undefined`,
  },
]
