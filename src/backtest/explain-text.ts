import type { Fill, Order, Refusal } from './explanation.ts'
import type { RecordReason } from './records.ts'

/** What a reason means and the rule that it follows from. */
export const REASON_TEXTS: Readonly<Record<RecordReason, { readonly rule: string; readonly text: string }>> = {
  none: { rule: '', text: '' },
  nothing_to_close: { rule: 'P5', text: 'nothing was open or working to close' },
  already_open: { rule: 'P6', text: 'the symbol already had an open or working position (onSame: ignore)' },
  short_not_allowed: { rule: 'P5', text: 'no short positions here: a spot market, or allowShort is false' },
  capacity: { rule: 'P3a', text: 'over the limit of the capacity policy' },
  insufficient_cash: { rule: 'P3d', text: 'not enough free cash' },
  below_min_quantity: { rule: 'F10', text: 'under the minimum quantity of the instrument' },
  below_min_notional: { rule: 'F10', text: 'under the minimum notional of the instrument' },
  quantity_too_large: { rule: 'F10', text: 'the quantity is more than 2^53 steps' },
  no_stop: { rule: 'P3', text: 'the sizing or risk policy needs a stop loss' },
  no_volatility: { rule: 'P3b', text: 'too few bars, or bars that do not move, to size by volatility' },
  no_edge: { rule: 'P3b', text: 'the closed trades so far give a Kelly share of 0 or less' },
  risk: { rule: 'P3e', text: 'over the limit of the risk policy' },
  zero_quantity: { rule: 'F10', text: 'nothing was left after rounding down to the step' },
  bracket_inverted: { rule: 'P7', text: 'take profit and stop loss did not enclose the reference price' },
  bracket_passed: { rule: 'F7', text: 'the entry lay at or beyond its own take profit or stop loss' },
  entry_in_past: { rule: 'P7', text: 'entryTime lay before the next open' },
  position_gone: { rule: 'P5', text: 'the lots to close were gone before the order acted' },
  expired_stale: { rule: 'T5', text: 'no live bar came within maxWaitBars' },
  data_ended: { rule: 'T6', text: 'the data of the symbol had ended' },
  cancelled_by_sell: { rule: 'P5', text: 'a SELL without a position cancelled the working entry' },
  cancelled_by_buy: { rule: 'P5', text: 'a BUY without a position cancelled the working entry' },
  opposite_position: {
    rule: 'P5',
    text: 'the symbol had a position of the other side (onOpposite: ignore), or the order cannot rest against it',
  },
  reversed: { rule: 'P5', text: 'a proposal of the other side ended it (onOpposite: reverse)' },
  replaced: { rule: 'P6', text: 'a newer proposal replaced it (onSame: replace)' },
  closed_lot: { rule: 'P6', text: 'its lot, or the whole position, was closed' },
  expired: { rule: 'F5', text: 'its time in force was over' },
  unfilled: { rule: 'F5', text: 'it could not fill at once (ioc, fok)' },
  liquidated: { rule: 'L3', text: 'the position was liquidated' },
  bankrupt: { rule: 'M', text: 'equity was at or below 0: trading ended' },
  liquidation: { rule: 'L3', text: 'liquidation' },
  funding: { rule: 'L1', text: 'funding' },
  scheduled_funding: { rule: 'L1', text: 'funding by the configured schedule, not by data' },
  written_off: { rule: 'C3', text: 'a wallet below 0 without a position was written off' },
  repriced: { rule: 'P2', text: 'the function of its leg said another price' },
  cancelled: { rule: 'T2', text: 'cancelled by the strategy' },
  order_gone: { rule: 'T2', text: 'the order to cancel had ended' },
  entry: { rule: 'P6', text: 'entry' },
  take_profit: { rule: 'F6', text: 'take profit' },
  stop_loss: { rule: 'F6', text: 'stop loss' },
  trailing_stop: { rule: 'F5', text: 'trailing stop' },
  exit: { rule: 'P5', text: 'closed by a decision' },
  end_of_data: { rule: 'T6', text: 'closed at the last close of the run (endOfData: close)' },
}

/** One sentence on why a fill has its price. Times are left to the reader's format. */
export function fillText(fill: Fill): string {
  const { why } = fill
  const verb = fill.side === 'buy' ? 'Bought' : 'Sold'
  const slipped =
    why.slippage === 0
      ? 'no slippage'
      : `slippage ${formatNumber(why.slippage)} a unit against gross ${formatNumber(why.gross)}`
  return (
    `${verb} ${formatNumber(fill.quantity)} ${fill.symbol} at ${formatNumber(fill.price)}: ${priceText(fill)}; ` +
    `bar O ${formatNumber(why.open)} H ${formatNumber(why.high)} L ${formatNumber(why.low)} C ${formatNumber(why.close)}; ` +
    `${slipped}; fee ${formatNumber(why.fee)}${why.liquidity === 'none' ? '' : ` (${why.liquidity})`}`
  )
}

function priceText({ why, type, reason }: Fill): string {
  const what = reason === 'entry' || reason === 'exit' ? `${type} ${reason}` : REASON_TEXTS[reason].text
  if (why.rule === 'L3')
    return `${what}: the mark touched ${formatNumber(why.gross)}, booked at the bankruptcy price (L3)`
  if (why.rule === 'L4') return `${what}: equity did not exceed maintenance (L4)`
  if (why.rule === 'M') return `${what}, at the mark (M)`
  if (why.rule === 'T6') return `${what}, at the last close (T6)`
  if (why.rule === 'F13') return `${what}, inside the bar, as its executor said (F13)`
  if (why.path !== 'none')
    return `${what}, reached on the path ${why.path} under policy ${why.policy} (${why.rule}, F6, F7)`
  return why.gross === why.open
    ? `${what}, at the open (${why.rule})`
    : `${what}, already passed by the open (${why.rule})`
}

/** One sentence on why something was refused; what a policy of the user said, a stranger's text, stands in JSON quotes. */
export function refusalText(refusal: Refusal): string {
  const { rule, text } = REASON_TEXTS[refusal.reason]
  const quantity = refusal.quantity > 0 ? ` of ${formatNumber(refusal.quantity)}` : ''
  const amounts =
    refusal.needed !== 0 || refusal.available !== 0
      ? `: needed ${formatNumber(refusal.needed)}, available ${formatNumber(refusal.available)}`
      : ''
  const detail = refusal.detail === null ? '' : `: ${JSON.stringify(refusal.detail)}`
  return `Refused ${refusal.side}${quantity} ${refusal.symbol}: ${text} (${rule})${amounts}${detail}`
}

/** One sentence on an order and its end. */
export function orderText(order: Order): string {
  const quantity = order.quantity === 0 ? 'all' : formatNumber(order.quantity)
  const price = order.price === null ? '' : ` at ${formatNumber(order.price)}`
  const limit = order.limit === null ? '' : `, limit ${formatNumber(order.limit)}`
  const head = `${order.kind} order ${order.order}: ${order.side} ${quantity} ${order.symbol} ${order.type}${price}${limit}`
  if (order.state === 'working') return `${head}, still working at the end`
  return `${head}, ${order.state}: ${REASON_TEXTS[order.reason].text}`
}

/** Up to ten significant digits, as short as they allow. */
export function formatNumber(value: number): string {
  return String(Number(value.toPrecision(10)))
}
