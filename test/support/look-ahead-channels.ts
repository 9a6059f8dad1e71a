/**
 * Ways in which a strategy may try to read what has not happened yet. `find` is what it hopes to get: an expression, or
 * statements with `return`, that sees `context` and its members, and the helpers of look-ahead-run.ts. Whatever finite
 * number it gives is taken for a price of a later bar and decides; `hook` replaces methods of the strategy, and may ask
 * `isTrying` too.
 */
export interface Channel {
  readonly name: string
  /** What is tried. */
  readonly attempt: string
  /** Why it gives nothing. */
  readonly closedBy: string
  readonly find?: string
  readonly top?: string
  readonly hook?: string
  /** Of a decision, what is returned in its place while trying. */
  readonly answer?: string
}

const OWN_COLUMNS =
  'columns are the own view of the strategy: NaN behind the bar, the engine writes one entry before each call'
const ALLOW_LIST = 'the globals of the realm are an allow-list'
const FROZEN = 'everything of the language is frozen before the first file is linked'
const OWN_REALM = 'the plan, each work unit and the aggregation have a realm of their own'

export const CHANNELS: readonly Channel[] = [
  {
    name: 'next-close',
    attempt: 'reads closes behind `index`',
    closedBy: OWN_COLUMNS,
    find: 'beyond(candles.close, index)',
  },
  {
    name: 'other-columns',
    attempt: 'reads open, high, low, volume and time behind `index`',
    closedBy: OWN_COLUMNS,
    find: `return ['open', 'high', 'low', 'volume', 'time'].map((name) => beyond(candles[name], index)).find(isFinite)`,
  },
  {
    name: 'column-asked-late',
    attempt: 'asks for a column for the first time at bar 80',
    closedBy: 'a column that is made late holds the bars shown so far',
    find: 'index < 80 ? undefined : beyond(candles.high, index)',
  },
  {
    name: 'typed-array-methods',
    attempt: 'searches a column from its end',
    closedBy: OWN_COLUMNS,
    find: 'candles.close.findLast((value, i) => i > index && isFinite(value))',
  },
  {
    name: 'buffer-behind-a-column',
    attempt: 'looks at the whole buffer behind a column',
    closedBy:
      'each column has a buffer of its own, as long as the column; the engine reads shared memory that nothing leads to',
    find: 'beyond(new Float64Array(candles.close.buffer), index) ?? (candles.close.buffer.byteLength > 8 * candles.close.length ? 1 : undefined)',
  },
  {
    name: 'transferred-buffer',
    attempt: 'takes the buffer of a column away and makes it longer',
    closedBy: 'new bytes are zero, and the engine does not read what it gave',
    find: 'positiveBeyond(new Float64Array(candles.volume.buffer.transfer(16 * candles.volume.length)), index)',
  },
  {
    name: 'bits-of-nan',
    attempt: 'compares the bits of the NaNs behind `index`',
    closedBy: 'all of them are the same NaN',
    find: `const bits = new BigUint64Array(candles.close.buffer)
      for (let i = index + 1; i < bits.length; i++) if (bits[i] !== 0x7ff8000000000000n) return Number(bits[i] & 0xffffn)`,
  },
  {
    name: 'length-of-columns',
    attempt: 'compares the lengths of columns: who ends early, who has gaps',
    closedBy: 'all are as long as lookback and window, whatever there is in them',
    find: 'frames.BBB.close.length !== frames.AAA.close.length ? frames.BBB.close.length : undefined',
  },
  {
    name: 'own-writes',
    attempt: 'fills a column behind `index` and looks what is put there',
    closedBy: OWN_COLUMNS,
    find: 'candles.low.fill(-1, index + 1); return positiveBeyond(candles.low, index)',
  },
  {
    name: 'other-symbol',
    attempt: 'reads the frame of another symbol behind its last bar',
    closedBy: OWN_COLUMNS,
    find: 'beyond(frames.BBB.close, frames.BBB.index)',
  },
  {
    name: 'unclosed-bar-of-another',
    attempt: 'looks for a bar of another symbol that has not closed',
    closedBy: 'frames join on the time of close',
    find: 'frames.BBB.index >= 0 && frames.BBB.time[frames.BBB.index] + HOUR > time ? frames.BBB.close[frames.BBB.index] : undefined',
  },
  {
    name: 'late-listing',
    attempt: 'looks for a symbol before it is listed',
    closedBy: 'its frame has index −1 and no entry until its first bar closes',
    find: 'frames.BBB.index < 0 ? frames.BBB.close.find(isFinite) : undefined',
  },
  {
    name: 'frame-moved-on',
    attempt: 'sets the index of a frame to a later bar',
    closedBy: 'the engine never reads a frame back',
    find: 'frames.AAA.index = index + 3; return frames.AAA.close[index + 3]',
  },
  {
    name: 'context-moved-on',
    attempt: 'sets index and time of the context to a later bar',
    closedBy: 'the context is refilled before each call and never read back',
    find: 'context.index += 3; context.time += 3 * HOUR; return context.candles.close[context.index]',
  },
  {
    name: 'whole-context',
    attempt: 'walks over all that the context leads to: instrument, params, args, frames',
    closedBy: 'no object of the engine is in reach',
    find: 'crawl(context, index)',
  },
  {
    name: 'itself',
    attempt: 'walks over all that the strategy leads to',
    closedBy: 'no object of the engine is in reach',
    find: 'crawl(this, index)',
  },
  {
    name: 'globals',
    attempt: 'walks over all that globalThis leads to',
    closedBy: ALLOW_LIST,
    find: 'crawl(globalThis, index)',
  },
  {
    name: 'exports-of-hotcell',
    attempt: 'walks over all that the module hotcell exports',
    closedBy: 'it exports classes only',
    top: `import * as exported from 'hotcell'`,
    find: 'crawl(exported, index)',
  },
  {
    name: 'getter-of-a-column',
    attempt: 'calls the getter that makes a column with another receiver',
    closedBy: 'whoever asks gets what has been shown',
    find: `beyond(Object.getOwnPropertyDescriptor(candles, 'high').get?.call({}) ?? candles.high, index)`,
  },
  {
    name: 'higher-interval',
    attempt: 'reads a higher interval behind its last closed bar',
    closedBy: 'higher bars are built from base bars and appear with their close',
    find: `const bars = context.higher('4h'); return beyond(bars.close, bars.index)`,
  },
  {
    name: 'unclosed-higher-bar',
    attempt: 'looks for a higher bar that has not closed',
    closedBy: 'higher bars appear with their close',
    find: `const bars = context.higher('4h'); return bars.index >= 0 && bars.time[bars.index] + 4 * HOUR > time ? bars.close[bars.index] : undefined`,
  },
  {
    name: 'undeclared-interval',
    attempt: 'asks for an interval that was not declared',
    closedBy: 'higher() knows the declared ones only',
    find: `crawl(context.higher('1d'), index)`,
  },
  {
    name: 'indicators',
    attempt: 'reads an indicator behind `index`',
    closedBy: 'kernels step with the bar, and their columns as candles do',
    find: 'beyond(indicators.mean, index)',
  },
  {
    name: 'indicators-of-another',
    attempt: 'reads an indicator of another symbol behind its last bar',
    closedBy: 'kernels step with the bar, and their columns as candles do',
    find: 'beyond(frames.BBB.indicators.mean, frames.BBB.index)',
  },
  {
    name: 'kept-objects',
    attempt: 'keeps columns and frames of the first call and reads them later',
    closedBy: OWN_COLUMNS,
    top: 'let kept = null',
    find: 'kept ??= { close: candles.close, other: frames.BBB.close }; return beyond(kept.close, index) ?? positiveBeyond(kept.other, frames.BBB.index)',
  },
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
    top: 'const marks = true',
  },
  {
    name: 'other-unit',
    attempt: 'keeps in the module what another unit saw to its end',
    closedBy: OWN_REALM,
    top: 'let other = null',
    hook: 'workUnits(symbols) { return symbols.map((one) => [one]) }',
    find: `const before = other; other = { symbol: context.symbol, close: candles.close[index] }; return before !== null && before.symbol !== context.symbol ? before.close : undefined`,
  },
  {
    name: 'chance',
    attempt: 'looks for a pattern in random() and Math.random()',
    closedBy: 'the stream follows from seed and unit alone',
    find: 'const draw = context.random() + Math.random(); return draw > 2 ? draw : undefined',
  },
  {
    name: 'clock',
    attempt: 'compares the clock with the time of the bar',
    closedBy: 'Date shows the time of the bar; there is no other clock',
    find: `typeof performance !== 'undefined' || Date.now() !== time ? 1 : undefined`,
  },
  {
    name: 'waiting',
    attempt: 'waits for the engine to go on, or shares memory with it',
    closedBy: ALLOW_LIST,
    find: `typeof Atomics !== 'undefined' || typeof SharedArrayBuffer !== 'undefined' || typeof setTimeout !== 'undefined' ? 1 : undefined`,
  },
  {
    name: 'finalizers',
    attempt: 'waits for finalizers and weak references',
    closedBy: ALLOW_LIST,
    find: `typeof WeakRef !== 'undefined' || typeof FinalizationRegistry !== 'undefined' ? 1 : undefined`,
  },
  {
    name: 'webassembly',
    attempt: 'maps memory with WebAssembly',
    closedBy: ALLOW_LIST,
    find: `typeof WebAssembly !== 'undefined' ? 1 : undefined`,
  },
  {
    name: 'code-of-strings',
    attempt: 'makes code in the scope of the engine',
    closedBy: 'no constructor of functions and no eval',
    find: `crawl((() => {}).constructor('return this')(), index)`,
  },
  {
    name: 'error-stack',
    attempt: 'looks for values in the text of a stack',
    closedBy: 'a stack has names and places only',
    find: String.raw`const found = /=\s*(\d+\.\d+)/.exec(new Error('x').stack ?? ''); return found === null ? undefined : Number(found[1])`,
  },
  {
    name: 'structured-stack',
    attempt: 'takes functions and receivers of the engine out of a stack',
    closedBy: FROZEN,
    find: `Error.prepareStackTrace = (_, frames) => frames; return crawl(new Error('x').stack.map((frame) => [frame.getThis?.(), frame.getFunction?.()]), index)`,
  },
  {
    name: 'arguments-of-callers',
    attempt: 'asks for the caller and its arguments',
    closedBy: 'engine code is strict',
    find: 'crawl([this.decide.caller, this.decide.arguments], index)',
  },
  {
    name: 'log-echo',
    attempt: 'looks at what logging answers',
    closedBy: 'a log is a way out only',
    find: `crawl([console.log('x'), context.log('info', 'x')], index)`,
  },
  {
    name: 'planted-accessors',
    attempt: 'plants accessors on prototypes that would catch objects of the engine',
    closedBy: FROZEN,
    top: `const caught = []
for (const holder of [Array.prototype, Object.prototype, Float64Array.prototype])
  for (const key of [0, 'close', 'rows', 'hidden'])
    try { Object.defineProperty(holder, key, { set(value) { caught.push(this, value) }, configurable: true }) } catch {}`,
    find: 'crawl(caught, index)',
  },
  {
    name: 'subclass-of-columns',
    attempt: 'gives a column a constructor of its own, to catch what the engine makes of it',
    closedBy: 'the engine makes no copies of a column by its class',
    top: 'const made = []; class Spy extends Float64Array { constructor(...rest) { super(...rest); made.push(this) } }',
    find: 'candles.close.constructor = { [Symbol.species]: Spy }; return crawl(made, index)',
  },
  {
    name: 'promises',
    attempt: 'looks again when its promises are kept',
    closedBy: 'a promise is kept when the unit is over',
    top: 'let later',
    find: 'Promise.resolve().then(() => { later = beyond(candles.close, index) }); return later',
  },
  {
    name: 'generators',
    attempt: 'holds a call open and goes on with it at a later bar',
    closedBy: 'what it held is the context of then',
    top: 'let held = null; function* hold(context) { const { index } = context; yield; return beyond(context.candles.close, context.index) ?? (context.candles.close[index] > 0 ? undefined : 1) }',
    find: 'const before = held; held = hold(context); held.next(); return before?.next().value',
  },
  {
    name: 'quality-of-data',
    attempt: 'asks for gaps and quality of the data',
    closedBy: 'reports are made on the host',
    find: 'context.quality?.gaps ?? context.gaps ?? context.dataQuality',
  },
  {
    name: 'late-getter',
    attempt: 'returns a decision whose fields look again when they are read',
    closedBy: 'a decision is read once, before the next bar is shown',
    answer: '({ ...decision, get slPct() { return isFinite(beyond(candles.close, index)) ? 1 : 3 } })',
  },
  {
    name: 'kept-decision',
    attempt: 'changes a decision after it was returned',
    closedBy: 'a decision is copied when it is returned',
    top: 'let last = null',
    answer: '(last !== null && (last.slPct = 9), last = { ...decision })',
  },
]
