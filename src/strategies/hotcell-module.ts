/**
 * The public module `hotcell`: Node and editors resolve the name to this file through `exports` of package.json, for scripts in
 * this project. In a run strategies get hotcell-realm.ts: what plays finished data is not there (P2).
 */
export * from './hotcell-realm.ts'
export { buildEvents, realize, type EventOptions } from '../proposals/build-events.ts'
export type { TradeEvent } from '../proposals/trade-event.ts'
