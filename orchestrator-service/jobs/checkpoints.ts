import { fromBase64 } from '../../src/math/base64.ts'
import type { CellEvent } from '../../src/protocol/events.ts'
import { createCheckpointChain } from '../../src/verification/checkpoint-chain.ts'
import { cacheKeyOf } from '../../src/verification/fingerprint.ts'
import { ENGINE } from '../../src/backtest/rule-set.ts'
import type { CheckpointFile, StoredCheckpoint } from '../results/checkpoint-file.ts'
import type { Verification } from '../results/verify/verifier.ts'
import type { CellCause } from '../sandbox/exit.ts'
import { createSha256 } from '../sha256.ts'
import type { Accepted } from './prepare-data.ts'

/**
 * Theory of operation. What finished units of a job decided (P4), as its cells say it. It is kept without being looked into:
 * a cell that lies about its decisions lies to itself, in a later attempt, and the proof finds out. What
 * is held against a cell is that it contradicts what is kept: the chain, or a unit that came before with other bytes.
 * Checkpoints are for the inputs for which they were made and no others: a job whose candles have changed begins anew.
 */
export interface Checkpoints {
  /**
   * What earlier attempts left for these inputs, in its order. To be called once, when the inputs are known, before `take`.
   * @param units of the run, as the cell says
   */
  resume(run: { readonly inputs: Promise<string>; readonly units: number }): Promise<readonly Uint8Array[]>
  /** A part of a checkpoint; the answer, if there is one, is why the cell must be ended. */
  take(part: CheckpointPart): CellCause | null
  /** Resolves when all of it is written, or given up. */
  close(): Promise<void>
}

export type CheckpointPart = Extract<CellEvent, { type: 'checkpoint' }>

export interface CheckpointsOptions {
  readonly file: CheckpointFile
  readonly attempt: number
  /** Of all that is kept; what comes beyond is not, and costs a later attempt time. */
  readonly capBytes: number
  readonly warn: (text: string) => void
}

interface Known {
  /** Link before it and its own. */
  readonly before: string
  readonly link: string
}

const MAX_UNITS = 500

function contradiction(state: string): CellCause {
  return {
    kind: 'tampered',
    reason: 'checkpoint',
    message: `The cell contradicts the checkpoints of the host: ${state}`,
  }
}

function outOfTurn(state: string): CellCause {
  return { kind: 'platform_error', reason: 'protocol', message: `The cell sent a checkpoint ${state}` }
}

export function createCheckpoints(options: CheckpointsOptions): Checkpoints {
  return new KeptCheckpoints(options)
}

class KeptCheckpoints implements Checkpoints {
  readonly #options: CheckpointsOptions
  readonly #known = new Map<number, Known>()
  #units = 0
  #link = ''
  #bytes = 0
  #parts: { first: CheckpointPart; data: Uint8Array[] } | null = null
  #key: Promise<string> | null = null
  #isBegun = false
  #isFull = false
  /** Something could not be written: what follows would have a gap before it. */
  #isOff = false
  #writing: Promise<void> = Promise.resolve()

  constructor(options: CheckpointsOptions) {
    this.#options = options
  }

  async resume({ inputs, units }: { inputs: Promise<string>; units: number }): Promise<readonly Uint8Array[]> {
    this.#units = Math.min(units, MAX_UNITS)
    this.#key = inputs.then((hash) => cacheKeyOf(hash, ENGINE, createSha256))
    this.#key.catch(() => {})
    const { file, attempt } = this.#options
    const stored = await file.read().catch((error: unknown) => this.#giveUp(error))
    if (stored === null) return []
    // A thread that has failed will fail the run, which says more
    const key = await this.#key.catch(() => null)
    if (stored.key !== key) return []
    this.#isBegun = true
    for (const { unit, link, bytes } of stored.checkpoints) this.#note(unit, link, bytes.length)
    return stored.checkpoints.filter((one) => one.attempt < attempt).map((one) => one.bytes)
  }

  take(part: CheckpointPart): CellCause | null {
    if (this.#key === null) return outOfTurn('before it had candles')
    if (part.unit >= this.#units) return outOfTurn(`of unit ${part.unit}, there are ${this.#units}`)
    const data = fromBase64(part.data)
    if (data === null) return outOfTurn('that is not base64')
    if (part.part === 0) this.#parts = { first: part, data: [] }
    const parts = this.#parts
    const { first } = parts ?? { first: part }
    const isNext = parts !== null && part.part === parts.data.length && part.part < part.parts
    if (!isNext || part.unit !== first.unit || part.parts !== first.parts || part.sha256 !== first.sha256)
      return outOfTurn('whose parts do not follow each other')
    parts.data.push(data)
    if (parts.data.length < part.parts) return null
    this.#parts = null
    return this.#keep(part, Buffer.concat(parts.data))
  }

  async close(): Promise<void> {
    await this.#writing
    await this.#options.file.close().catch(() => {})
  }

  #keep({ unit, sha256 }: CheckpointPart, bytes: Uint8Array): CellCause | null {
    const known = this.#known.get(unit)
    const link = createCheckpointChain(createSha256, known?.before ?? this.#link).add(bytes)
    if (known !== undefined) {
      if (link === known.link && sha256 === link) return null
      return contradiction(`unit ${unit} decided something else before`)
    }
    if (sha256 !== link) return contradiction(`unit ${unit} does not follow what came before it`)
    this.#note(unit, link, bytes.length)
    this.#isFull ||= this.#bytes > this.#options.capBytes
    if (!this.#isFull) this.#write({ attempt: this.#options.attempt, unit, link, bytes })
    return null
  }

  #note(unit: number, link: string, bytes: number): void {
    this.#known.set(unit, { before: this.#link, link })
    this.#link = link
    this.#bytes += bytes
  }

  #write(checkpoint: StoredCheckpoint): void {
    const { file } = this.#options
    const step = async (): Promise<void> => {
      if (this.#isOff) return
      if (!this.#isBegun) await file.begin(await this.#key!)
      this.#isBegun = true
      await file.append(checkpoint)
    }
    this.#writing = this.#writing.then(step).catch((error: unknown) => void this.#giveUp(error))
  }

  #giveUp(error: unknown): null {
    this.#isOff = true
    this.#options.warn(
      `Cannot keep what has been decided so far: ${error instanceof Error ? error.message : String(error)}`,
    )
    return null
  }
}

/** The checkpoints that the cell of a run is to be given, which its answer will be held against. */
export async function resumeRun(
  verification: Verification,
  checkpoints: Checkpoints | undefined,
  { units, aggregates = false }: Pick<Accepted, 'units' | 'aggregates'>,
): Promise<readonly Uint8Array[]> {
  if (checkpoints === undefined) return []
  const kept = await checkpoints.resume({ inputs: verification.inputs(), units })
  if (kept.length > 0) verification.resume({ checkpoints: kept, aggregates })
  return kept
}
