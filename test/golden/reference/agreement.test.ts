import { describe, test } from 'vitest'
import { firstDifference } from '../../support/first-difference.ts'
import { randomRun } from '../../support/random-runs.ts'
import { referenceRun } from '../../support/reference-engine.ts'
import type { ReferenceInput, ReferenceRecord } from '../../support/reference-engine-types.ts'

const RUNS = 4000
/** Every branch is met at least so often over all runs, so that the generator cannot rot. */
const AT_LEAST = 10

const KINDS_AND_REASONS = [
  'admit none',
  'close none',
  'close replaced',
  ...['nothing_to_close', 'already_open', 'short_not_allowed', 'capacity', 'insufficient_cash', 'below_min_quantity'],
  ...[
    'below_min_notional',
    'zero_quantity',
    'quantity_too_large',
    'bracket_inverted',
    'bracket_passed',
    'entry_in_past',
    'position_gone',
  ],
  ...['expired_stale', 'data_ended', 'cancelled_by_sell', 'replaced', 'closed_lot'],
].map((text) => (text.includes(' ') ? text : `refuse ${text}`))

const CANCELS = [
  'cancelled_by_sell',
  'replaced',
  'closed_lot',
  'data_ended',
  'expired_stale',
  'expired',
  'unfilled',
].map((r) => `cancel ${r}`)

/** reason, order type, rule, liquidity, path, step of fills. */
const FILLS = [
  'fill entry market F1 taker none 6',
  'fill entry limit F2 taker none 6',
  'fill entry limit F2 maker none 6',
  'fill entry stop F3 taker none 6',
  'fill entry limit F2 maker O-H-L-C 7',
  'fill entry limit F2 maker O-L-H-C 7',
  'fill entry stop F3 taker O-H-L-C 7',
  'fill entry stop F3 taker O-L-H-C 7',
  'fill exit market F1 taker none 4',
  'fill stop_loss stop F3 taker none 4',
  'fill stop_loss stop F3 taker O-H-L-C 7',
  'fill stop_loss stop F3 taker O-L-H-C 7',
  'fill take_profit limit F2 maker none 4',
  'fill take_profit limit F2 maker O-H-L-C 7',
  'fill take_profit limit F2 maker O-L-H-C 7',
  'fill entry stop_limit F4 taker none 6',
  'fill entry stop_limit F4 taker O-H-L-C 7',
  'fill entry stop_limit F4 taker O-L-H-C 7',
  'fill entry stop_limit F2 maker none 6',
  'fill entry stop_limit F2 maker O-H-L-C 7',
  'fill entry stop_limit F2 maker O-L-H-C 7',
  'fill trailing_stop stop F3 taker none 4',
  'fill trailing_stop stop F3 taker O-H-L-C 7',
  'fill trailing_stop stop F3 taker O-L-H-C 7',
  'fill end_of_data market T6 taker none 1',
  'fill entry market F13 taker none 6',
]

const STEPS_OF_REFUSALS = [
  'data_ended 1',
  'data_ended 2',
  'position_gone 4',
  'below_min_quantity 4',
  'below_min_notional 4',
  'zero_quantity 4',
  'expired_stale 4',
  'expired_stale 5',
  'insufficient_cash 5',
  'insufficient_cash 6',
  'no_stop 5',
  'no_volatility 5',
  'no_edge 5',
  'risk 5',
].map((text) => `refused ${text}`)

const BRANCHES = [
  'retry',
  'shrunk at admission',
  'shrunk at the fill',
  'entry at its limit beyond the open',
  'resting entry at the open',
  'take profit at its limit',
  'take profit at the open',
  'limit at the open after a break',
  'restingLimit open',
  'bracket that does not act yet',
  ...['refused on the path', 'shrunk on the path'],
  'entry beyond a bracket that does not act yet',
  'partial close over two lots',
  'part of a lot sold',
  'lines differ',
  'lines equal with lots',
  'lines equal without lots',
  'level behind the price',
  'equal places on the line',
  'slippage clamped',
  'minimum fee',
  'fee of a sale cut to its notional',
  'volume slippage at its most',
  'a later tier',
  ...['worst', 'best', 'path_color', 'path_near', 'random'].flatMap((name) => [
    `${name} high first`,
    `${name} low first`,
  ]),
  ...['stop_limit rests after the open', 'stop_limit rests after the path', 'stop_limit unfilled on the path'],
  ...['policy of the lots', 'crossing policies differ'],
  ...['detail has another high or low', 'lines of a detail candle differ', 'worst for want of detail'],
  ...['entry', 'take_profit', 'stop_loss', 'trailing_stop'].map((reason) => `detail fill ${reason}`),
  ...['leg into the lot of another', 'waiting leg of a closed lot', 'leg that is not live yet', 'leg beside others'],
  ...['leg asked for above', 'leg asked for near', 'leg asked for held', 'leg repriced'],
  ...['limit', 'stop', 'market'].map((type) => `exit leg placed: ${type}`),
  ...['limit none', 'stop none', 'limit O-H-L-C', 'limit O-L-H-C', 'market, a part'].map((how) => `exit leg ${how}`),
  ...['exit leg without a lot yet', 'exit leg ends with its lot', 'waiting exit leg of a closed lot'],
  'exit leg repriced',
  ...['resolver picks O-H-L-C', 'resolver picks O-L-H-C'],
  ...['rounding in the last leg', 'fault of a further leg'],
  'trail overtakes the stop loss',
  ...['no room in the bar', 'room for a part', 'rest of an ioc', 'rest shrunk', 'rest of a close'],
  ...['stop without room', 'rest of a closed lot', 'stop unfilled on the path'],
  ...['gtd over', 'day over', 'ioc unfilled', 'fok unfilled'],
  'kelly before its window',
  'kelly after its window',
  'fee of the user beyond the cash',
  ...['fill of the user at entry', 'fill of the user at exit', 'fill of the user of a part'],
  ...['without room', 'fills nothing', 'with less than a fok wants', 'fills the rest', 'fills a part'].map(
    (name) => `executor ${name}`,
  ),
  'market order at the close before',
  ...['maxPositions', 'maxPerSymbol', 'maxLegs', 'grossExposure', 'code of the user'].map((name) => `full by ${name}`),
  ...['maxLossToStop', 'grossExposure', 'dailyLoss', 'code of the user'].map((name) => `risk by ${name}`),
]

describe('phase 2 against the reference engine', () => {
  test(`agrees record for record and equity value for value over ${RUNS} random runs, which meet every branch`, ({
    expect,
  }) => {
    const counts = new Map<string, number>()
    const count = (name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1)

    const differences: string[] = []
    for (let seed = 1; seed <= RUNS && differences.length < 3; seed++) {
      const run = randomRun(seed)
      run.input.onBranch = count
      const expected = referenceRun(run.input)
      for (const record of expected.records) {
        countRecord(record, count)
        countLimit(run.input, record, count)
      }
      const rounding = 1e-12 * run.input.config.initialCash
      if (expected.records.some(({ cash }) => cash < -rounding)) differences.push(`seed ${seed}: cash below 0`)
      const difference = firstDifference(run, expected)
      if (difference !== null) differences.push(difference)
    }

    expect(differences.join('\n\n')).toBe('')
    const promised = [...KINDS_AND_REASONS, ...CANCELS, ...FILLS, ...STEPS_OF_REFUSALS, ...BRANCHES]
    const rare = promised.filter((name) => (counts.get(name) ?? 0) < AT_LEAST)
    expect(rare).toEqual([])
  })
})

function countRecord(record: ReferenceRecord, count: (name: string) => void): void {
  const { kind, reason, orderType, rule, liquidity, path, step } = record
  if (kind === 'fill') count(`fill ${reason} ${orderType} ${rule} ${liquidity} ${path} ${step}`)
  else count(`${kind} ${reason}`)
  if (kind === 'refuse') count(`refused ${reason} ${step}`)
}

/** Refusals by the policy that made them. */
function countLimit({ config, users }: ReferenceInput, record: ReferenceRecord, count: (name: string) => void): void {
  const ofUser = 'code of the user'
  if (record.reason === 'capacity') count(`full by ${users?.capacity ? ofUser : config.capacity.builtin}`)
  if (record.reason === 'risk') count(`risk by ${users?.risk ? ofUser : config.risk.builtin}`)
}
