/*
 * Theory of operation: on a perpetual a line is worth what it books and what is left unrealised at its close. What an exit
 * gets depends on the position at that place of the line (no price beyond bankruptcy), so the position is kept beside the
 * walk, with the same operations as the booking uses afterwards.
 */
import { bankruptcyPrice, liquidationPrice } from '../execution/liquidation.ts'
import type { Tier } from '../execution/margin-tiers.ts'
import type { LineLot } from '../execution/line.ts'
import type { Meeting } from '../execution/meeting.ts'
import type { SymbolBook } from '../portfolio/book.ts'
import type { PerpState } from './perp-state.ts'

/** What a meeting fills. */
export interface LineFill {
  readonly quantity: number
  readonly price: number
  /** Fee of `quantity` at a price; `side` 1 buys. */
  readonly fee: (side: number, price: number) => number
}

/** A position as it goes along one line. */
export class LinePosition {
  readonly #perp: PerpState
  readonly #side: number
  readonly #lots: readonly LineLot[]
  /** Entry price of each lot of the line. */
  readonly #entries: number[]
  readonly #tiers: readonly Tier[]
  #wallet: number
  #gain = 0

  constructor(perp: PerpState, book: SymbolBook, line: { readonly side: number; readonly lots: readonly LineLot[] }) {
    this.#perp = perp
    this.#side = line.side
    this.#lots = line.lots
    this.#entries = book.lots.map((lot) => lot.entry)
    this.#tiers = perp.tiers[book.index]!
    this.#wallet = perp.wallets[book.index]!
  }

  #position(): { side: number; quantity: number; averageEntry: number } {
    let quantity = 0
    let cost = 0
    for (let i = 0; i < this.#lots.length; i++) {
      const lot = this.#lots[i]!
      if (!lot.open) continue
      quantity += lot.quantity
      cost += lot.quantity * this.#entries[i]!
    }
    return { side: this.#side, quantity, averageEntry: quantity > 0 ? cost / quantity : 0 }
  }

  /** An entry fills; its lot is born after this, or grows (`lot`: its index, else −1). */
  enter(fill: LineFill, lot: number): void {
    if (lot < 0) this.#entries.push(fill.price)
    else {
      const { quantity } = this.#lots[lot]!
      const cost = quantity * this.#entries[lot]! + fill.quantity * fill.price
      this.#entries[lot] = cost / (quantity + fill.quantity)
    }
    this.#gain -= fill.fee(this.#side, fill.price)
    if (!this.#perp.isCross) this.#wallet += (fill.quantity * fill.price) / this.#perp.config.leverage
  }

  /** A lot ends, or a part of it; it is still whole at this moment. */
  exit(meeting: Meeting, fill: LineFill): void {
    const position = this.#position()
    let { price } = fill
    if (!this.#perp.isCross) {
      const bankruptcy = bankruptcyPrice(position, this.#wallet)
      if (this.#side * price < this.#side * bankruptcy) price = bankruptcy
      const isLast = this.#lots.every((lot, i) => (i === meeting.at ? meeting.units === lot.units : !lot.open))
      this.#wallet = isLast ? 0 : this.#wallet - this.#wallet * (fill.quantity / position.quantity)
    }
    const realised = this.#side * (fill.quantity * (price - this.#entries[meeting.at]!))
    this.#gain += realised - fill.fee(-this.#side, price)
  }

  /** The position is liquidated: its wallet is gone. */
  liquidate(): void {
    this.#gain -= this.#wallet
    this.#wallet = 0
  }

  /** Liquidation price of what is open now; NaN: none. */
  liquidation(): number {
    const position = this.#position()
    return position.quantity > 0 ? liquidationPrice(position, this.#wallet, this.#tiers) : Number.NaN
  }

  /** What the line has booked, and the unrealised profit at its close. */
  worth(close: number): number {
    const { side, quantity, averageEntry } = this.#position()
    return this.#gain + side * quantity * (close - averageEntry)
  }
}
