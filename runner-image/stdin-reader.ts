import { read, readSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { FundingSeries } from '../src/candles/funding-series.ts'
import type { CandleSeries } from '../src/candles/series.ts'
import { PlatformError } from '../src/errors.ts'
import { FrameParser } from '../src/protocol/frame-parser.ts'
import type { Questions } from '../src/protocol/frames.ts'
import type { RunHeader } from '../src/protocol/header.ts'
import { claim } from './claims.ts'
import { createNodeHasher } from './node-hasher.ts'

const BLOCK = 1_048_576
const OPENING_BRACE = 0x7b
/** Cuts, and parts of all symbols' rows. */
const PROOF_LIMITS = { slices: 4096, questions: 65_536, questionBytes: 2 ** 26, seriesCount: 4096 * 500 } as const
const pause = new Int32Array(new SharedArrayBuffer(4))

const readLater = promisify(read)

/** Of a look-ahead proof. */
export interface ProofSlice {
  readonly series: readonly CandleSeries[]
  readonly time: number
}

/**
 * Reads the frames from descriptor 0, blocking: before the header and between the series nothing else is to be done. Only the
 * first bytes are waited for without blocking, since a job may be long in coming.
 * Column bytes go from the kernel straight into the memory that the strategy threads will read.
 */
export class StdinReader {
  header: RunHeader | null = null
  readonly series: CandleSeries[] = []
  readonly marks: CandleSeries[] = []
  readonly funding: FundingSeries[] = []
  readonly detail: CandleSeries[] = []
  /** Of earlier attempts. */
  readonly checkpoints: Uint8Array[] = []
  readonly #parser: FrameParser
  readonly #buffer = new Uint8Array(65_536)
  readonly #begun: number[] = []
  #onSeriesBegin: ((bytes: number) => void) | null = null
  #bytes = 0
  #rows = 0
  #slice: number | null = null
  #questions: Questions | null = null

  /** `columnBytes`: most that all candles may take. */
  constructor(columnBytes: number) {
    this.#parser = new FrameParser({
      hasher: createNodeHasher(),
      limits: { columnBytes: Math.max(0, columnBytes) },
      allocate: (bytes) => {
        this.#begun.push(bytes)
        this.#onSeriesBegin?.(bytes)
        return new SharedArrayBuffer(bytes)
      },
      handlers: {
        header: (value) => {
          this.header = value as RunHeader
          if (this.header.mode === 'proof') this.#parser.limit(PROOF_LIMITS)
          else this.#parser.limit({ checkpointBytes: this.header.limits.checkpointBytes })
        },
        series: (series, kind) => {
          const lists = { base: this.series, mark: this.marks, detail: this.detail }
          lists[kind].push(series)
          this.#rows += series.rows
        },
        funding: (series) => {
          this.funding.push(series)
        },
        decisions: (checkpoint) => {
          this.checkpoints.push(checkpoint)
        },
        slice: (time) => {
          this.#slice = time
        },
        questions: (questions) => {
          this.#questions = questions as Questions
        },
        end: () => {},
      },
    })
  }

  /** Rows of all series that are complete. */
  get rows(): number {
    return this.#rows
  }

  /** Waits for the first bytes without keeping the thread. @throws ClaimedEnd */
  async waitForInput(): Promise<void> {
    for (;;) {
      try {
        const { bytesRead } = await readLater(0, this.#buffer, 0, this.#buffer.length, null)
        this.#guard(() => this.#take(this.#counted(bytesRead)))
        return
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        if (code === 'EOF') throw cutOff(0)
        if (code !== 'EAGAIN') throw error
        await setTimeout(1)
      }
    }
  }

  /** Reads until the header has been seen. @throws ClaimedEnd */
  readHeader(): RunHeader {
    while (this.header === null) this.#step()
    if (this.header.v !== 1) throw protocolEnd('the header has another version')
    return this.header
  }

  /**
   * Reads the rest. `onBegin` is told the bytes of each series as it begins (it may have begun in the block that held the
   * header); `onProgress` is called after each part. @throws ClaimedEnd
   */
  readSeries({ onBegin, onProgress }: { onBegin: (bytes: number) => void; onProgress: () => void }): void {
    for (const bytes of this.#begun) onBegin(bytes)
    this.#onSeriesBegin = onBegin
    while (!this.#parser.ended) {
      this.#step()
      onProgress()
    }
  }

  /**
   * Reads the next slice of a look-ahead proof, rows that follow those before it and the time up to which all bars have
   * closed, or the next questions. Null: there is neither. The sender waits for an answer behind it, so nothing more is in the buffer. @throws ClaimedEnd
   */
  readSlice(): ProofSlice | { readonly questions: Questions } | null {
    while (this.#slice === null && this.#questions === null && !this.#parser.ended) this.#step()
    const [time, questions] = [this.#slice, this.#questions]
    this.#slice = null
    this.#questions = null
    if (questions !== null) return { questions }
    return time === null ? null : { series: this.series.splice(0), time }
  }

  #step(): void {
    this.#guard(() => {
      const target = this.#parser.target()
      if (target !== null && target.length >= this.#buffer.length)
        this.#parser.advance(this.#read(target, Math.min(target.length, BLOCK)))
      else this.#take(this.#read(this.#buffer, this.#buffer.length))
    })
  }

  /** Parses what has come into the buffer. */
  #take(count: number): void {
    if (this.#bytes === count && this.#buffer[0] === OPENING_BRACE) {
      throw protocolEnd('a plain configuration on stdin is not supported yet')
    }
    this.#parser.push(this.#buffer.subarray(0, count))
  }

  #guard(action: () => void): void {
    try {
      action()
    } catch (error) {
      if (error instanceof RangeError) {
        throw claim({
          kind: 'limit_exceeded',
          reason: 'memory',
          message: 'The candles do not fit into the memory of the cell',
        })
      }
      if (!(error instanceof PlatformError)) throw error
      if (error.message.includes('too many candle bytes')) {
        throw claim({
          kind: 'limit_exceeded',
          reason: 'memory',
          message: 'The candles do not fit into the memory of the cell',
        })
      }
      throw protocolEnd(error.message)
    }
  }

  #read(into: Uint8Array, length: number): number {
    for (;;) {
      try {
        return this.#counted(readSync(0, into, 0, length, null))
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        if (code === 'EOF') throw cutOff(this.#bytes)
        if (code !== 'EAGAIN') throw error
        Atomics.wait(pause, 0, 0, 1)
      }
    }
  }

  #counted(count: number): number {
    if (count === 0) throw cutOff(this.#bytes)
    this.#bytes += count
    return count
  }
}

function cutOff(bytes: number): Error {
  const message = `The input ended after ${bytes} bytes without an end frame: the sender died`
  return claim({ kind: 'platform_error', reason: 'infra', message })
}

function protocolEnd(message: string): Error {
  return claim({ kind: 'platform_error', reason: 'protocol', message })
}
