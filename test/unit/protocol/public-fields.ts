import { EXECUTORS_FIELD } from './executors-field.ts'
import type { FieldRow } from './field-row.ts'

/** Every public field. */
export const FIELDS: FieldRow[] = [
  {
    field: '/strategy',
    good: [
      [
        { builtin: 'SmaCrossover', params: { fast: 5 } },
        '/config/strategy',
        { builtin: 'SmaCrossover', params: { fast: 5, slow: 30 } },
      ],
    ],
    bad: [
      undefined,
      null,
      {},
      { builtin: 'Nope' },
      { builtin: 'BuyAndHold', params: { x: 1 } },
      { module: 'absent.ts' },
      { module: '../x.ts' },
      { builtin: 'SmaCrossover', params: { fast: 30, slow: 10 } },
      { builtin: 'Ensemble', params: { strategies: 'Nope' } },
    ],
  },
  {
    field: '/files',
    good: [
      [
        { 'b.ts': 'b', 'a/x.js': 'a' },
        '/config/files',
        [
          { path: 'a/x.js', source: 'a' },
          { path: 'b.ts', source: 'b' },
        ],
      ],
    ],
    bad: [
      [],
      { '../a.ts': '' },
      { '/a.ts': '' },
      { 'a.sh': '' },
      { 'a.ts': 1 },
      { 'a.ts': 'x'.repeat(1024 * 1024 + 1) },
      Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`f${i}.ts`, ''])),
    ],
  },
  {
    field: '/market',
    good: ['spot', 'perpetual'].map((market) => [market, '/config/market', market]),
    bad: ['margin', 1],
  },
  {
    field: '/symbols',
    good: [[['B', 'A'], '/config/symbols', ['A', 'B']]],
    bad: [[], ['A', 'A'], ['../A'], [''], 'A', Array.from({ length: 501 }, (_, i) => `S${i}`)],
  },
  { field: '/interval', good: [['5m', '/config/interval', '5m']], bad: ['2m', null, 60] },
  {
    field: '/start',
    good: [
      [null, '/config/start', null],
      ['2024-02-29T12:00:00+02:00', '/config/start', 1709200800000],
      [5, '/config/start', 5],
    ],
    bad: ['2024-02-30T00:00:00Z', '2024-01-01', '2023-02-29T00:00:00Z', -1, 1.5],
  },
  {
    field: '/end',
    good: [
      [null, '/config/end', null],
      ['2024-01-01T00:00:00.250Z', '/config/end', 1704067200250],
    ],
    bad: ['x', {}],
  },
  { field: '/initialCash', good: [[500, '/config/initialCash', 500]], bad: [0, -1, '500', Number.NaN, Infinity] },
  {
    field: '/fee',
    good: [
      [0.001, '/config/fee', { builtin: 'percent', params: { maker: 0.001, taker: 0.001 } }],
      [null, '/config/fee', { builtin: 'percent', params: { maker: 0.0002, taker: 0.0004 } }],
      [{ module: 'main.ts', function: 'fee' }, '/config/fee', { module: 'main.ts', function: 'fee' }],
    ],
    bad: [{ builtin: 'x' }, 0.06, { builtin: 'percent', params: { tajer: 1 } }, { module: 'fee.ts' }],
  },
  {
    field: '/slippage',
    good: [
      [3, '/config/slippage', { builtin: 'bps', params: { bps: 3 } }],
      [{}, '/config/slippage', { builtin: 'bps', params: { bps: 0 } }],
    ],
    bad: [-1, 'nope', 'halfSpread'],
  },
  {
    field: '/sizing',
    good: [
      [40, '/config/sizing', { builtin: 'percentOfEquity', params: { percent: 40 } }],
      [{ builtin: 'fixedQuantity', params: { quantity: 2 } }, '/config/sizing/builtin', 'fixedQuantity'],
      [{ builtin: 'fixedNotional', params: { notional: 2 } }, '/config/sizing/builtin', 'fixedNotional'],
      [{ module: 'main.ts', class: 'Size' }, '/config/sizing', { module: 'main.ts', class: 'Size', params: {} }],
      [{ module: 'main.ts' }, '/config/sizing/class', 'default'],
      [{ module: 'main.ts', function: 'size' }, '/config/sizing', { module: 'main.ts', function: 'size' }],
    ],
    bad: [
      0,
      'fixedQuantity',
      { builtin: 'fixedQuantity', params: { quantity: -1 } },
      { module: 'absent.ts' },
      { module: 'main.ts', class: 'Size', function: 'size' },
      { module: 'main.ts', function: 'size', params: { n: 1 } },
    ],
  },
  {
    field: '/capacity',
    good: [[3, '/config/capacity', { builtin: 'maxPositions', params: { max: 3 } }]],
    bad: [0, 1.5, 'maxLegs', { builtin: 'unlimited', params: { max: 1 } }],
  },
  {
    field: '/risk',
    good: [
      [{}, '/config/risk/builtin', 'none'],
      ['none', '/config/risk/builtin', 'none'],
      [{ module: 'main.ts', class: 'Risk' }, '/config/risk/class', 'Risk'],
    ],
    bad: [1, 'x', 'dailyLoss'],
  },
  {
    field: '/fill',
    good: [
      ['worst', '/config/fill', 'worst'],
      [null, '/config/fill', 'worst'],
      ['best', '/config/fill', 'best'],
      [{ builtin: 'random' }, '/config/fill', 'random'],
      [{ module: 'main.ts', class: 'Fill' }, '/config/fill', { module: 'main.ts', class: 'Fill', params: {} }],
    ],
    // detail needs a detailInterval
    bad: ['x', 1, 'detail', { module: 'nowhere.ts' }, { module: 'main.ts', function: 'f', class: 'F' }],
  },
  EXECUTORS_FIELD,
  {
    field: '/profile',
    good: [
      ['hotcell/v1', '/config/profile', 'hotcell/v1'],
      ['backtrader', '/config/execution/bracketFrom', 'next_bar'],
      ['backtesting.py', '/config/execution/quantity', 'integer'],
    ],
    bad: ['x', 'hotcell/v2', null],
  },
  {
    field: '/detailInterval',
    good: [
      [null, '/config/market', 'spot'],
      ['1m', '/config/detailInterval', '1m'],
    ],
    bad: ['7m', '1M'],
  },
  { field: '/endOfData', good: [['close', '/config/endOfData', 'close']], bad: ['keep'] },
  { field: '/execution', good: [[{ onSame: 'add' }, '/config/execution/onSame', 'add']], bad: [{ unknown: 1 }, []] },
  {
    field: '/execution/marketFill',
    good: ['next_open', 'same_close'].map((name) => [name, '/config/execution/marketFill', name]),
    bad: ['now'],
  },
  { field: '/execution/onSame', good: [['replace', '/config/execution/onSame', 'replace']], bad: ['keep'] },
  { field: '/execution/onShortfall', good: [['refuse', '/config/execution/onShortfall', 'refuse']], bad: ['keep'] },
  { field: '/execution/retryBars', good: [[3, '/config/execution/retryBars', 3]], bad: [-1, 0.5] },
  { field: '/execution/maxWaitBars', good: [[0, '/config/execution/maxWaitBars', 0]], bad: [-1, '1'] },
  {
    field: '/execution/limitTouch',
    good: [
      ['touch', '/config/execution/limitTouch', 'touch'],
      ['penetrate_ticks=3', '/config/execution/limitTouch', 'penetrate_ticks=3'],
    ],
    bad: ['penetrate_ticks=0', 'loose'],
  },
  { field: '/execution/trailBasis', good: [['close', '/config/execution/trailBasis', 'close']], bad: ['x'] },
  {
    field: '/execution/bracketFrom',
    good: [['market_entries', '/config/execution/bracketFrom', 'market_entries']],
    bad: ['now', null],
  },
  { field: '/execution/restingLimit', good: [['open', '/config/execution/restingLimit', 'open']], bad: ['close'] },
  { field: '/execution/cashCheck', good: [['fill', '/config/execution/cashCheck', 'fill']], bad: ['never', null] },
  { field: '/execution/quantity', good: [['integer', '/config/execution/quantity', 'integer']], bad: ['whole', 1] },
  {
    field: '/execution/participation',
    good: [
      [null, '/config/execution/participation', null],
      [0.1, '/config/execution/participation', 0.1],
    ],
    bad: [0, 2],
  },
  { field: '/execution/clampSlippage', good: [[true, '/config/execution/clampSlippage', true]], bad: [1] },
  {
    field: '/data',
    good: [[{ gaps: 'refuse' }, '/config/data', { gaps: 'refuse', maxSyntheticShare: 0.05, maxGapBars: 1440 }]],
    bad: [{ gap: 1 }],
  },
  { field: '/data/gaps', good: [['mark', '/config/data/gaps', 'mark']], bad: ['forward_fill'] },
  { field: '/data/maxSyntheticShare', good: [[0, '/config/data/maxSyntheticShare', 0]], bad: [1.1] },
  { field: '/data/maxGapBars', good: [[7, '/config/data/maxGapBars', 7]], bad: [-1] },
  {
    field: '/metrics',
    good: [[{ riskFree: 0.02 }, '/config/metrics', { periodsPerYear: null, riskFree: 0.02 }]],
    bad: [{ rf: 1 }],
  },
  {
    field: '/metrics/periodsPerYear',
    good: [
      [252, '/config/metrics/periodsPerYear', 252],
      [null, '/config/metrics/periodsPerYear', null],
    ],
    bad: [0],
  },
  { field: '/metrics/riskFree', good: [[-0.01, '/config/metrics/riskFree', -0.01]], bad: [-1, '0'] },
  {
    field: '/benchmark',
    good: [
      [null, '/config/market', 'spot'],
      [{ symbol: 'SPY', interval: '1d' }, '/config/benchmark', { symbol: 'SPY', interval: '1d' }],
    ],
    bad: [{ symbol: 'SPY' }, { symbol: 'SPY', interval: '1w' }, { symbol: 'SPY', interval: '1M' }, 'SPY'],
  },
  { field: '/perpetual', good: [[{ leverage: 1 }, '/config/market', 'spot']], bad: [{ lever: 1 }] },
  { field: '/perpetual/leverage', good: [[1, '/config/market', 'spot']], bad: [0, 3] },
  { field: '/perpetual/marginMode', good: [['isolated', '/config/market', 'spot']], bad: ['x', 'cross'] },
  { field: '/perpetual/allowShort', good: [[false, '/config/market', 'spot']], bad: [1, true] },
  {
    field: '/perpetual/onOpposite',
    good: [['close', '/config/market', 'spot']],
    bad: ['x', 'reverse', 'ignore'],
  },
  { field: '/perpetual/mark', good: [['auto', '/config/market', 'spot']], bad: ['x', 'last'] },
  {
    field: '/perpetual/funding',
    good: [['data', '/config/market', 'spot']],
    bad: ['x', 'none', { everyHours: 0, rate: 0 }, { everyHours: 8, rate: 0.0001 }, { everyHours: 8 }],
  },
  { field: '/seed', good: [['abc', '/config/seed', 'abc']], bad: [1, 'x'.repeat(257)] },
  {
    field: '/args',
    good: [[{ a: 1, b: null }, '/config/args', { a: 1, b: null }]],
    bad: [{ a: [] }, { a: {} }, { a: Infinity }, { a: 'x'.repeat(65_537) }],
  },
  {
    field: '/options',
    good: [[{}, '/options', { policy: 'default', workers: null, priority: 0, proof: false, cache: true, labels: {} }]],
    bad: [{ x: 1 }],
  },
  { field: '/options/policy', good: [['trusted', '/options/policy', 'trusted']], bad: ['../x', ''] },
  {
    field: '/options/workers',
    good: [
      [16, '/options/workers', 16],
      [null, '/options/workers', null],
    ],
    bad: [0, 17, 1.5],
  },
  {
    field: '/options/proof',
    good: [true, false].map((proof) => [proof, '/options/proof', proof]),
    bad: [0],
  },
  {
    field: '/options/cache',
    good: [true, false].map((cache) => [cache, '/options/cache', cache]),
    bad: ['yes'],
  },
  {
    field: '/options/priority',
    good: [
      [7, '/options/priority', 7],
      [-100, '/options/priority', -100],
    ],
    bad: [0.5, 101, '1'],
  },
  {
    field: '/options/labels',
    good: [[{ team: 'a' }, '/options/labels', { team: 'a' }]],
    bad: [{ a: 'x'.repeat(65) }, { a: 1 }, Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`k${i}`, 'v']))],
  },
  {
    field: '/options/bounds',
    good: [
      ['local', '/options/policy', 'default'],
      ['rerun', '/options/bounds', 'rerun'],
    ],
    bad: ['x'],
  },
]
