import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FundingSeries } from '../../../src/candles/funding-series.ts'
import type { CandleSeries } from '../../../src/candles/series.ts'
import type { Hasher } from '../../../src/math/hasher.ts'
import type { FrameLimits } from '../../../src/protocol/frame-limits.ts'
import { FrameParser } from '../../../src/protocol/frame-parser.ts'
import {
  encodeDecisionsFrame,
  encodeEndFrame,
  encodeHeaderFrame,
  encodeSeriesFrame,
  encodeQuestionsFrame,
  encodeSliceFrame,
} from '../../../src/protocol/frames.ts'
import type { RunHeader } from '../../../src/protocol/header.ts'

function createHasher(): Hasher {
  const hash = createHash('sha256')
  return { update: (bytes) => void hash.update(bytes), digestHex: () => hash.digest('hex') }
}

function makeSeries(symbol: string, rows: number): CandleSeries {
  const column = (base: number) => Float64Array.from({ length: rows }, (_, i) => base + i)
  return {
    symbol,
    interval: '1h',
    rows,
    time: column(0),
    open: column(1),
    high: column(2),
    low: column(3),
    close: column(4),
    volume: column(5),
  }
}

const HEADER = { v: 1, mode: 'run', job: 'jöb' } as unknown as RunHeader

function encodeStream(series: readonly CandleSeries[]): Uint8Array {
  const chunks = [...encodeHeaderFrame(HEADER), ...series.flatMap((s) => encodeSeriesFrame(s, 'base'))]
  const hasher = createHasher()
  for (const chunk of chunks) hasher.update(chunk)
  return Buffer.concat([...chunks, ...encodeEndFrame(1 + series.length, hasher.digestHex())])
}

function makeParser(limits: Partial<FrameLimits> = {}) {
  const seen = { headers: [] as unknown[], series: [] as CandleSeries[], funding: [] as FundingSeries[], ends: 0 }
  const parser = new FrameParser({
    hasher: createHasher(),
    limits,
    allocate: (bytes) => new SharedArrayBuffer(bytes),
    handlers: {
      header: (value) => void seen.headers.push(value),
      series: (series) => void seen.series.push(series),
      funding: (series) => void seen.funding.push(series),
      end: () => void seen.ends++,
    },
  })
  return { parser, seen }
}

describe('FrameParser', () => {
  it('returns what was encoded, for any cut of the stream into chunks', () => {
    const series = [makeSeries('AAA', 7), makeSeries('BBB', 0)]
    const bytes = encodeStream(series)

    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 50 }), (sizes) => {
        const { parser, seen } = makeParser()
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const next = at + sizes[i % sizes.length]!
          parser.push(bytes.subarray(at, next))
          at = next
        }
        expect(parser.ended).toBe(true)
        expect(seen.headers).toEqual([HEADER])
        expect(seen.series).toEqual(series)
        expect(seen.series[0]!.time.buffer).toBeInstanceOf(SharedArrayBuffer)
      }),
    )
  })

  it('lets a reader write column bytes in place', () => {
    const series = makeSeries('AAA', 100)
    const bytes = encodeStream([series])
    const { parser, seen } = makeParser()

    for (let at = 0; at < bytes.length;) {
      const target = parser.target()
      if (target === null) {
        parser.push(bytes.subarray(at, at + 1))
        at++
      } else {
        const size = Math.min(target.length, 333)
        target.set(bytes.subarray(at, at + size))
        parser.advance(size)
        at += size
      }
    }

    expect(seen.series).toEqual([series])
    expect(seen.ends).toBe(1)
  })

  it.each([
    [0, 'no frame magic'],
    [4, 'frame version'],
    [5, 'before the header'],
    [6, 'reserved bytes'],
  ])('refuses a frame header with byte %i changed: %s', (offset, problem) => {
    const bytes = encodeStream([])
    bytes[offset] = 5

    expect(() => makeParser().parser.push(bytes)).toThrow(problem)
  })

  it('refuses padding that is not zero', () => {
    const bytes = Buffer.concat(encodeHeaderFrame({ ...HEADER, job: 'a' }))
    bytes[bytes.length - 1] = 1

    expect(() => makeParser().parser.push(bytes)).toThrow('padding')
  })

  it('finds any changed byte', () => {
    const bytes = encodeStream([makeSeries('AAA', 4)])

    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (offset, change) => {
        const changed = Uint8Array.from(bytes)
        changed[offset] = changed[offset]! ^ change
        const { parser } = makeParser({ columnBytes: 1_000_000 })
        let complete = false
        try {
          parser.push(changed)
          complete = parser.ended
        } catch {
          // refused
        }
        expect(complete).toBe(false)
      }),
      { numRuns: 500 },
    )
  })

  it('knows a cut-off stream from a complete one', () => {
    const bytes = encodeStream([makeSeries('AAA', 4)])
    const { parser } = makeParser()

    parser.push(bytes.subarray(0, -8))

    expect(parser.ended).toBe(false)
    expect(parser.betweenFrames).toBe(false)
  })

  it('takes no memory for a series over its cap', () => {
    const bytes = encodeStream([makeSeries('AAA', 100)])

    expect(() => makeParser({ columnBytes: 100 }).parser.push(bytes)).toThrow('too many candle bytes')
    expect(() => makeParser({ seriesCount: 0 }).parser.push(bytes)).toThrow('too many series')
    expect(() => makeParser({ headerBytes: 8 }).parser.push(bytes)).toThrow(
      'frame of kind 1 is unexpected or too large',
    )
  })

  it('refuses bytes after the end and a second header', () => {
    const bytes = encodeStream([])
    const { parser } = makeParser()
    parser.push(bytes)

    expect(() => parser.push(new Uint8Array(1))).toThrow('after the end')
    expect(() =>
      makeParser().parser.push(Buffer.concat([...encodeHeaderFrame(HEADER), ...encodeHeaderFrame(HEADER)])),
    ).toThrow('two headers')
  })
})

describe('slices', () => {
  const stream = (): Uint8Array => {
    const chunks = [
      ...encodeHeaderFrame(HEADER),
      ...encodeSeriesFrame(makeSeries('AAA', 2), 'base'),
      ...encodeSliceFrame(7),
    ]
    const hasher = createHasher()
    for (const chunk of chunks) hasher.update(chunk)
    return Buffer.concat([...chunks, ...encodeEndFrame(3, hasher.digestHex())])
  }

  it('are refused unless they are expected', () => {
    expect(() => makeParser().parser.push(stream())).toThrow('frame of kind 4 is unexpected or too large')
  })

  it('come in their order between the series', () => {
    const times: number[] = []
    const parser = new FrameParser({
      hasher: createHasher(),
      handlers: {
        header: () => parser.limit({ slices: 1 }),
        series: (series) => void times.push(series.rows),
        funding: () => {},
        slice: (time) => void times.push(time),
        end: () => {},
      },
    })

    parser.push(stream())

    expect(parser.ended).toBe(true)
    expect(times).toEqual([2, 7])
  })
})

describe('questions', () => {
  const questions = { hasLegs: false, rows: [[3, 30, 'sizing', '[{"close":1}]']] } as const
  const stream = (): Uint8Array => Buffer.concat([...encodeHeaderFrame(HEADER), ...encodeQuestionsFrame(questions)])

  it.each([
    { questions: 0, questionBytes: 1000 },
    { questions: 1, questionBytes: 10 },
  ])('are refused unless so many, and so large ones, are expected: %o', (limits) => {
    expect(() => makeParser(limits).parser.push(stream())).toThrow('frame of kind 6 is unexpected or too large')
  })

  it('come as they were sent', () => {
    const seen: unknown[] = []
    const parser = new FrameParser({
      hasher: createHasher(),
      limits: { questions: 1, questionBytes: 1000 },
      handlers: {
        header: () => {},
        series: () => {},
        funding: () => {},
        questions: (value) => void seen.push(value),
        end: () => {},
      },
    })

    parser.push(stream())

    expect(seen).toEqual([questions])
  })
})

describe('decisions of an earlier attempt', () => {
  const stream = (): Uint8Array => {
    const chunks = [
      ...encodeHeaderFrame(HEADER),
      ...encodeDecisionsFrame(Uint8Array.of(1, 2, 3)),
      ...encodeDecisionsFrame(new Uint8Array(8)),
    ]
    const hasher = createHasher()
    for (const chunk of chunks) hasher.update(chunk)
    return Buffer.concat([...chunks, ...encodeEndFrame(3, hasher.digestHex())])
  }

  it.each([0, 10])('are refused beyond the bytes that are expected: %i', (checkpointBytes) => {
    expect(() => makeParser({ checkpointBytes }).parser.push(stream())).toThrow(
      'frame of kind 3 is unexpected or too large',
    )
  })

  it('come as they were sent, without padding', () => {
    const seen: number[][] = []
    const parser = new FrameParser({
      hasher: createHasher(),
      limits: { checkpointBytes: 11 },
      handlers: {
        header: () => {},
        series: () => {},
        funding: () => {},
        decisions: (checkpoint) => void seen.push([...checkpoint]),
        end: () => {},
      },
    })

    parser.push(stream())

    expect(parser.ended).toBe(true)
    expect(seen).toEqual([
      [1, 2, 3],
      [0, 0, 0, 0, 0, 0, 0, 0],
    ])
  })
})
