import type { Channel } from './channel.ts'

const ALLOW_LIST = 'the globals of the realm are an allow-list'
const FROZEN = 'everything of the language is frozen before the first file is linked'

/** Through the language, what it shares with the engine, and what is given back to it. */
export const CHANNELS_OF_THE_LANGUAGE: readonly Channel[] = [
  {
    name: 'chance',
    attempt: 'looks for a pattern in random() and Math.random()',
    closedBy: 'the stream follows from seed and unit alone',
    find: '`drawn ${context.random() + Math.random()}`',
  },
  {
    name: 'clock',
    attempt: 'compares the clock with the time of the bar',
    closedBy: 'Date shows the time of the bar; there is no other clock',
    find: `typeof performance !== 'undefined' || Date.now() !== time || +new Date() !== time ? 1 : undefined`,
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
    failure: 'Code cannot be made from strings here',
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
    failure: 'object is not extensible',
  },
  {
    name: 'arguments-of-callers',
    attempt: 'asks for the caller and its arguments',
    closedBy: 'engine code is strict',
    find: 'crawl([this.decide.caller, this.decide.arguments], index)',
    failure: 'may not be accessed on strict mode functions',
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
    failure: 'Cannot assign to read only property',
  },
  {
    name: 'promises',
    attempt: 'looks again when its promises are kept',
    closedBy: 'callbacks run between two instants, when nothing more has been shown',
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
