import type { Channel } from './channel.ts'

const OWN_COLUMNS =
  'columns are the own view of the strategy: NaN behind the bar, the engine writes one entry before each call'
const ALLOW_LIST = 'the globals of the realm are an allow-list'

/** Through what a strategy is shown at a bar. */
export const CHANNELS_OF_DATA: readonly Channel[] = [
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
    find: 'candles.volume.buffer.detached ? undefined : positiveBeyond(new Float64Array(candles.volume.buffer.transfer(16 * candles.volume.length)), index)',
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
    find: 'const found = positiveBeyond(candles.low, index); candles.low.fill(-1, index + 1); return found',
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
    failure: 'expected an interval that requiredIntervals() returned',
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
]
