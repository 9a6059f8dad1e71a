import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, it } from 'vitest'
import type { AuditAnchor } from '../../../orchestrator-service/audit/anchor.ts'
import { buildLine, type ChainHead, checkLine, checkNext, GENESIS } from '../../../orchestrator-service/audit/chain.ts'
import { readRecords } from '../../../orchestrator-service/audit/read-chain.ts'
import { verifyChain } from '../../../orchestrator-service/audit/verify-chain.ts'

const AT = '2024-07-02T08:00:00.000Z'

/** Lines of a whole chain, with their heads. */
function makeChain(count: number): { lines: string[]; heads: ChainHead[] } {
  const lines: string[] = []
  const heads: ChainHead[] = []
  let head = GENESIS
  for (let i = 0; i < count; i += 1) {
    const next = buildLine(head, AT, {
      type: 'pruned',
      by: `k-é${'x'.repeat(i % 7)}`,
      finishedBefore: AT,
      kept: 12_345_678,
      jobs: [`r-${i}`],
      images: [],
    })
    lines.push(next.line)
    heads.push(next.head)
    head = next.head
  }
  return { lines, heads }
}

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'hotcell-audit-'))
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

function write(bytes: string | Uint8Array): string {
  const path = join(directory, 'audit.ndjson')
  writeFileSync(path, bytes)
  return path
}

const CHAIN = makeChain(8)
const BYTES = Buffer.from(CHAIN.lines.join(''))
const anchorAt = (sequence: number): AuditAnchor => ({
  version: 1,
  at: AT,
  sequence,
  hash: CHAIN.heads[sequence - 1]!.hash,
})

/** Line (from 1) that holds a byte, its newline included, and where it begins. */
function lineOf(at: number): { line: number; offset: number } {
  let offset = 0
  for (const [i, text] of CHAIN.lines.entries()) {
    const length = Buffer.byteLength(text)
    if (at < offset + length) return { line: i + 1, offset }
    offset += length
  }
  throw new Error('beyond the end')
}

describe('a chain', () => {
  it('is whole when nothing was changed', async ({ expect }) => {
    const report = await verifyChain(write(BYTES))

    expect(report).toMatchObject({ ok: true, records: 8, bytes: BYTES.length, head: CHAIN.heads[7], problem: null })
  })

  it(
    'locates any one changed byte: sequence, line, offset, and what it was',
    { timeout: 120_000 },
    async ({ expect }) => {
      const change = fc.record({
        at: fc.integer({ min: 0, max: BYTES.length - 1 }),
        value: fc.integer({ min: 0, max: 255 }),
      })
      await fc.assert(
        fc.asyncProperty(change, async ({ at, value }) => {
          fc.pre(BYTES[at] !== value)
          const changed = Buffer.from(BYTES)
          changed[at] = value

          const report = await verifyChain(write(changed))

          const { line, offset } = lineOf(at)
          expect(report!.ok).toBe(false)
          expect(report!.problem).toMatchObject({ sequence: line, line, offset })
          expect(report!.problem!.byte).toEqual({ offset: at, found: value, expected: BYTES[at] })
          expect(report!.records).toBe(line - 1)
        }),
        {
          numRuns: 40,
          examples: [
            [{ at: BYTES.length - 1, value: 32 }],
            [{ at: BYTES.indexOf(10), value: 0 }],
            [{ at: 5, value: 10 }],
          ],
        },
      )
    },
  )

  it('finds every single changed bit', async ({ expect }) => {
    const missed: number[] = []
    for (let at = 0; at < BYTES.length; at += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const { line, offset } = lineOf(at)
        const changed = Buffer.from(BYTES)
        changed[at] = changed[at]! ^ (1 << bit)
        const end = changed.indexOf(10, offset)
        const bytes = changed.subarray(offset, end < 0 ? changed.length : end)
        const whole = end >= 0 && checkNext(line === 1 ? GENESIS : CHAIN.heads[line - 2]!, bytes).ok
        if (whole) missed.push(at)
      }
    }

    expect(missed).toEqual([])
  })

  it('does not notice a tail that was cut off at a line, unless there is an anchor', async ({ expect }) => {
    const path = write(CHAIN.lines.slice(0, 5).join(''))

    expect(await verifyChain(path)).toMatchObject({ ok: true, records: 5 })
    expect(await verifyChain(path, anchorAt(5))).toMatchObject({ ok: true, anchored: 5 })
    const report = await verifyChain(path, anchorAt(7))
    expect(report).toMatchObject({ ok: false, records: 5, problem: { sequence: 6, line: 6 } })
    expect(report!.problem!.problem).toContain('2 records up to sequence 7 are missing')
  })

  it('locates a tail that was cut off within a line', async ({ expect }) => {
    for (const cut of [1, 2, 50]) {
      const report = await verifyChain(write(BYTES.subarray(0, BYTES.length - cut)))

      expect(report).toMatchObject({
        ok: false,
        records: 7,
        problem: { sequence: 8, offset: lineOf(BYTES.length - 1).offset },
      })
    }
  })

  it('locates lines that were taken out, moved, doubled or added', async ({ expect }) => {
    const { lines } = CHAIN
    const other = buildLine(CHAIN.heads[3]!, AT, { type: 'key_revoked', key: 'k', by: 'x' }).line
    const cases: [string[], number][] = [
      [lines.toSpliced(3, 1), 4],
      [lines.toSpliced(0, 1), 1],
      [lines.toSpliced(2, 2, lines[3]!, lines[2]!), 3],
      [lines.toSpliced(5, 0, lines[4]!), 6],
      [lines.toSpliced(4, 0, other), 6],
      [lines.toSpliced(4, 1, other), 6],
      [lines.toSpliced(6, 0, '\n'), 7],
      [lines.toSpliced(1, 1, ` ${lines[1]!}`), 2],
    ]

    for (const [changed, line] of cases)
      expect(await verifyChain(write(changed.join(''))), String(line)).toMatchObject({ ok: false, problem: { line } })
  })

  it('that was written again from some line on does not contain the anchor', async ({ expect }) => {
    let head = CHAIN.heads[2]!
    const again = CHAIN.lines.slice(0, 3)
    for (let i = 0; i < 5; i += 1) {
      const next = buildLine(head, AT, { type: 'key_revoked', key: `k-${i}`, by: 'x' })
      again.push(next.line)
      head = next.head
    }
    const path = write(again.join(''))

    expect(await verifyChain(path)).toMatchObject({ ok: true, records: 8 })
    expect(await verifyChain(path, anchorAt(6))).toMatchObject({ ok: false, problem: { line: 6 } })
  })
})

describe('readRecords()', () => {
  it('finds any range by sequence', async ({ expect }) => {
    const { lines } = makeChain(300)
    const path = write(lines.join(''))
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 310 }), fc.integer({ min: 0, max: 20 }), async (from, more) => {
        const seen: number[] = []
        for await (const { record } of readRecords(path, { from, to: from + more })) seen.push(record.sequence)

        const to = Math.min(300, from + more)
        expect(seen).toEqual(Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i))
      }),
      { numRuns: 60 },
    )
  })

  it('filters by job and type, and leaves a torn last line out', async ({ expect }) => {
    const path = write(`${CHAIN.lines.join('')}${CHAIN.lines[0]!.slice(0, 40)}`)
    const seen: unknown[] = []

    for await (const { record } of readRecords(path, { job: 'r-3', type: 'pruned' })) seen.push(record.event)

    expect(seen).toMatchObject([{ jobs: ['r-3'] }])
  })
})

describe('checkLine()', () => {
  it('takes only the canonical form', ({ expect }) => {
    const line = CHAIN.lines[0]!.trimEnd()
    const reordered = JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(line) as object).toReversed()))

    expect(checkLine(Buffer.from(line)).ok).toBe(true)
    expect(checkLine(Buffer.from(reordered))).toMatchObject({
      ok: false,
      problem: 'its bytes are not the canonical form',
    })
    expect(checkLine(Buffer.from('{}'))).toMatchObject({ ok: false })
    expect(checkLine(Buffer.of(0xff, 0xfe))).toMatchObject({ ok: false })
    expect(checkLine(Buffer.from(line.replace('"sequence":1', '"sequence":1e999')))).toMatchObject({ ok: false })
    for (const event of ['{"n":1e999,"type":"x"}', `{"n":${'['.repeat(9999)}${']'.repeat(9999)},"type":"x"}`])
      expect(checkLine(Buffer.from(line.replace(/"event":\{.*?\}/, `"event":${event}`)))).toMatchObject({ ok: false })
  })
})
