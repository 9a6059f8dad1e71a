import type { SymbolBook } from '../portfolio/book.ts'
import type { TimelineState } from './timeline-state.ts'

const MAX_LIVE_PER_SYMBOL = 1000
const MAX_LIVE_PER_RUN = 10_000

/** Orders of a symbol that count against the limits: waiting, working, and brackets of open lots. */
function liveOrders({ exitLegs }: TimelineState, book: SymbolBook): number {
  let waiting = 0
  for (const leg of exitLegs) if (leg.symbol === book.index) waiting += 1
  return waiting + book.pendingCount + book.closeCount + book.working.length + book.exits.length + book.brackets
}

/** Ends the run if a symbol or the run has too many live orders. */
export function checkLiveOrders(state: TimelineState, book: SymbolBook): void {
  const ofSymbol = liveOrders(state, book)
  const waiting = state.pending.length + state.exitLegs.length + state.closes.length
  const ofRun = waiting + state.working.length + state.exits.length + state.brackets
  const symbol = state.input.config.symbols[book.index]
  if (ofSymbol > MAX_LIVE_PER_SYMBOL) {
    state.tooManyOrders ??= `Cannot place order for "${symbol}": ${ofSymbol} live orders at ${state.time}, expected at most ${MAX_LIVE_PER_SYMBOL}`
  } else if (ofRun > MAX_LIVE_PER_RUN) {
    state.tooManyOrders ??= `Cannot place order for "${symbol}": ${ofRun} live orders in the run at ${state.time}, expected at most ${MAX_LIVE_PER_RUN}`
  }
}
