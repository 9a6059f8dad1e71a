/*
 * Theory of operation: two sums that share no term but prices. The cash side moves with every fill; the profit side adds
 * realised profit, fees and unrealised profit to the start. They must agree after every record and every close (C3).
 */
export interface Ledger {
  readonly initialCash: number
  cash: number
  realised: number
  fees: number
  /** Σ funding received less paid, and what clamps of E at 0 gave (perpetuals). */
  funding: number
  writtenOff: number
  /** Σ notional of all fills. */
  traded: number
  /** Largest |E| and largest exposure so far; that of a spot account is never above E. */
  largestEquity: number
}

const TOLERANCE = 1e-9

export function createLedger(initialCash: number): Ledger {
  return {
    initialCash,
    cash: initialCash,
    realised: 0,
    fees: 0,
    funding: 0,
    writtenOff: 0,
    traded: 0,
    largestEquity: initialCash,
  }
}

/** A buy: cash pays notional and fee (C1, C2). */
export function payForBuy(ledger: Ledger, notional: number, fee: number): void {
  ledger.cash -= notional + fee
  ledger.fees += fee
  ledger.traded += notional
}

/** A sell: cash gets notional less fee; realised is net of slippage and gross of fees (C3). */
export function receiveForSell(ledger: Ledger, notional: number, fee: number, realised: number): void {
  ledger.cash += notional - fee
  ledger.fees += fee
  ledger.traded += notional
  ledger.realised += realised
}

/** An entry of a perpetual: free cash pays margin (0 in cross margin) and fee. */
export function payForPosition(ledger: Ledger, margin: number, notional: number, fee: number): void {
  ledger.cash -= margin + fee
  ledger.fees += fee
  ledger.traded += notional
}

/** An exit of a perpetual: free cash gets the margin that it releases and the realised profit, less the fee. */
export function receiveFromPosition(
  ledger: Ledger,
  exit: { readonly margin: number; readonly notional: number; readonly fee: number; readonly realised: number },
): void {
  ledger.cash += exit.margin + exit.realised - exit.fee
  ledger.fees += exit.fee
  ledger.traded += exit.notional
  ledger.realised += exit.realised
}

/** A payment of funding; in cross margin it is the wallet that pays (L1). */
export function receiveFunding(ledger: Ledger, payment: number, isCross: boolean): void {
  ledger.funding += payment
  if (isCross) ledger.cash += payment
}

/** A lot is liquidated: what it realises is its wallet's loss, free cash has no part in it (L3). */
export function loseWallet(ledger: Ledger, realised: number, notional: number): void {
  ledger.realised += realised
  ledger.traded += notional
}

/** Cash below 0 is set to 0 (C3); what that gave. */
export function writeOff(ledger: Ledger): number {
  const amount = -ledger.cash
  ledger.writtenOff += amount
  ledger.cash = 0
  return amount
}

/** Profit side without unrealised profit. */
export function bookedValue(ledger: Ledger): number {
  return ledger.initialCash + ledger.realised - ledger.fees + ledger.funding + ledger.writtenOff
}

/** Notes the exposure of a perpetual account, which may be above E. */
export function noteExposure(ledger: Ledger, exposure: number): void {
  if (exposure > ledger.largestEquity) ledger.largestEquity = exposure
}

/** How far the two sums may be apart. */
export function tolerance(ledger: Ledger): number {
  return TOLERANCE * Math.max(ledger.initialCash, ledger.largestEquity)
}

/** Whether both sums agree; notes the cash side as the largest E so far if it is. */
export function sumsAgree(ledger: Ledger, cashSide: number, profitSide: number): boolean {
  ledger.largestEquity = Math.max(ledger.largestEquity, Math.abs(cashSide))
  return Math.abs(cashSide - profitSide) <= tolerance(ledger)
}

/** Text of a breach of the invariant at `time` (ms UTC). */
export function breachText(sums: {
  readonly cashSide: number
  readonly profitSide: number
  readonly time: number
}): string {
  const { cashSide, profitSide, time } = sums
  const difference = Math.abs(cashSide - profitSide)
  return `Invariant: cash side ${cashSide} and profit side ${profitSide} differ by ${difference} at ${time}`
}
