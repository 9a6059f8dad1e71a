import { describe, it } from 'vitest'
import { decodeRecords } from '../../../src/backtest/record-stream.ts'
import { RECORD_BYTES, type RecordKind } from '../../../src/backtest/records.ts'
import { flat, runOf, tau, type Row } from '../rules/rule-case.ts'
import { honestClaim, verdictOf } from '../rules/verification-fixture.ts'

const FALL: Row = [100, 100, 80, 85]

/** A long that pays funding and is then liquidated, and a short that is closed with a profit. */
function perpetualClaim() {
  return honestClaim(
    runOf({
      bars: [flat(100), flat(100), flat(100), FALL, flat(85), flat(85), flat(80), flat(80)],
      perpetual: { leverage: 10, onOpposite: 'close' },
      fee: { maker: 0.0002, taker: 0.0004 },
      funding: [{ time: tau(2) + 1, rate: 0.001, mark: 101 }],
      decisions: [
        { bar: 0, signal: 'BUY', size: 2 },
        { bar: 3, signal: 'SELL', size: 1 },
        { bar: 5, signal: 'BUY' },
      ],
    }),
  )
}

/** The record stream without the first record of a kind. */
function without(records: Uint8Array, kind: RecordKind): Buffer {
  const at = decodeRecords(records).findIndex((record) => record.kind === kind)
  return Buffer.concat([records.subarray(0, at * RECORD_BYTES), records.subarray((at + 1) * RECORD_BYTES)])
}

describe('verifyDocument() of a run on perpetuals', () => {
  it('vouches for funding, liquidation and shorts, and tells of them', ({ expect }) => {
    const { task, hashes, claim } = perpetualClaim()

    const verdict = verdictOf(claim, { task, hashes })

    if (verdict.type !== 'verified') throw new Error(JSON.stringify(verdict))
    const { explanation, summary } = verdict.run.analysis
    // 2 * 101 * 0.001 = 0.202 paid out of a wallet of 20, so 19.798 are lost when it is liquidated.
    expect(explanation.funding).toMatchObject([
      { direction: 'long', payment: -0.202, published: tau(2) + 1, flags: [] },
    ])
    expect(explanation.liquidations).toMatchObject([{ direction: 'long', quantity: 2, wallet: 20 - 0.202 }])
    const [long, short] = explanation.trades
    expect(long!.netPnl).toBeCloseTo(-19.798 - 2 * 100 * 0.0004 - 0.202, 12)
    expect(short).toMatchObject({ direction: 'short', entryPrice: 85, exitPrice: 80, grossPnl: 5 })
    expect(summary.counts).toMatchObject({ funding: -0.202, fundingPayments: 1, liquidations: 1, writtenOff: 0 })
    expect(summary.finalEquity).toBeCloseTo(1000 + long!.netPnl + short!.netPnl, 9)
  })

  it.for<RecordKind>(['funding', 'liquidate'])('finds an omitted %s record', (kind, { expect }) => {
    const { task, hashes, claim, records } = perpetualClaim()

    const verdict = verdictOf({ ...claim, records: without(records, kind).toString('base64') }, { task, hashes })

    expect(verdict).toMatchObject({ type: 'tampered', recomputed: { kind } })
  })

  it('finds a payment that was made smaller', ({ expect }) => {
    const { task, hashes, claim, records } = perpetualClaim()
    const edited = Uint8Array.from(records)
    const at = decodeRecords(records).findIndex(({ kind }) => kind === 'funding')
    new DataView(edited.buffer).setFloat64(at * RECORD_BYTES + 64, -0.1, true)

    const verdict = verdictOf({ ...claim, records: Buffer.from(edited).toString('base64') }, { task, hashes })

    expect(verdict).toMatchObject({ type: 'tampered', claimed: { realised: -0.1 }, recomputed: { realised: -0.202 } })
  })

  it('calls other funding rows a mismatch, not tampering', ({ expect }) => {
    const { task, hashes, claim } = perpetualClaim()
    const seriesHashes = claim.seriesHashes!.map((one) =>
      one.kind === 'funding' ? { ...one, sha256: '0'.repeat(64) } : one,
    )

    const verdict = verdictOf({ ...claim, seriesHashes }, { task, hashes })

    expect(verdict).toMatchObject({
      type: 'failed',
      kind: 'mismatch',
      message: expect.stringContaining('funding rows'),
    })
  })
})
