/**
 * Theory of operation. What finished units decided (P4), out of the cell and into the next one. Units that are done go to
 * the host as `checkpoint` events once together they took long enough to be worth it. A new attempt reads those of the
 * earlier ones first, and its own go on in the same chain.
 */
import { decodeDecisionLog } from '../src/backtest/decision-codec.ts'
import type { DecisionLog } from '../src/backtest/decision-log.ts'
import { encodeUnitCheckpoint, readUnitCheckpoint } from '../src/backtest/unit-checkpoint.ts'
import { PlatformError } from '../src/errors.ts'
import { toBase64 } from '../src/math/base64.ts'
import type { CellEvent } from '../src/protocol/events.ts'
import type { RunnerLimits } from '../src/protocol/header.ts'
import type { DecisionLogDocument } from '../src/protocol/runner-result.ts'
import { type CheckpointChain, createCheckpointChain } from '../src/verification/checkpoint-chain.ts'
import { claim } from './claims.ts'
import { createNodeHasher } from './node-hasher.ts'
import type { UnitResult } from './tasks/task.ts'

/** Bytes of a part; in base64, with the rest of its line, they fit into one. */
const PART_BYTES = 45_000
/** Of a line beside its data. */
const LINE_BYTES = 256

type Units = readonly (readonly string[])[]

export class Checkpoints {
  readonly #units: Units
  readonly #limits: RunnerLimits
  readonly #emit: (event: CellEvent) => void
  readonly #chain: CheckpointChain = createCheckpointChain(createNodeHasher)
  readonly #resumed = new Map<number, DecisionLog>()
  #waiting: { unit: number; result: UnitResult }[] = []
  #waitingMs = 0
  #bytes = 0
  #isFull = false

  constructor(units: Units, limits: RunnerLimits, emit: (event: CellEvent) => void) {
    this.#units = units
    this.#limits = limits
    this.#emit = emit
  }

  /** What units decided in earlier attempts. */
  get resumed(): ReadonlyMap<number, DecisionLog> {
    return this.#resumed
  }

  /** Takes what earlier attempts left. @throws ClaimedEnd for a checkpoint that is none of this run */
  resume(checkpoints: readonly Uint8Array[]): void {
    for (const checkpoint of checkpoints) {
      this.#chain.add(checkpoint)
      const { unit, decisions } = readOfRun(checkpoint, this.#units, this.#limits.maxDecisions)
      if (this.#resumed.has(unit)) throw unusable(`unit ${unit} stands in two of them`)
      this.#resumed.set(unit, decisions)
    }
  }

  /** A unit is done. */
  add(unit: number, result: UnitResult): void {
    this.#waiting.push({ unit, result })
    this.#waitingMs += result.ms
    if (this.#isFull || this.#waitingMs < this.#limits.checkpointMs) return
    const ready = this.#waiting
    this.#waiting = []
    this.#waitingMs = 0
    for (const one of ready) this.#send(one.unit, one.result.decisions)
  }

  #send(unit: number, decisions: DecisionLog): void {
    const checkpoint = encodeUnitCheckpoint({ unit, symbols: this.#units[unit]! }, decisions)
    const parts = Math.max(1, Math.ceil(checkpoint.length / PART_BYTES))
    this.#bytes += Math.ceil((checkpoint.length * 4) / 3) + parts * LINE_BYTES
    // A run whose decisions take so much cannot return them either: what has been sent is enough
    this.#isFull ||= this.#bytes > this.#limits.checkpointBytes
    if (this.#isFull) return
    const sha256 = this.#chain.add(checkpoint)
    for (let part = 0; part < parts; part += 1) {
      const data = toBase64(checkpoint.subarray(part * PART_BYTES, (part + 1) * PART_BYTES))
      this.#emit({ type: 'checkpoint', unit, part, parts, data, sha256 })
    }
  }
}

function unusable(state: string): Error {
  const message = `Cannot go on from the checkpoints: ${state}`
  return claim({ kind: 'platform_error', reason: 'protocol', message })
}

function readOfRun(checkpoint: Uint8Array, units: Units, maxRows: number): { unit: number; decisions: DecisionLog } {
  try {
    const { unit, symbols, document } = readUnitCheckpoint(checkpoint)
    const own = units[unit]
    if (own === undefined || own.join() !== symbols.join())
      throw unusable(`there is no unit ${unit} of ${symbols.join()}`)
    const count = units.reduce((sum, names) => sum + names.length, 0)
    // Its shape is not checked before: in here a stranger's bytes can bring nobody down but the stranger's run
    const decisions = decodeDecisionLog(document as DecisionLogDocument, {
      maxRows,
      symbols: count,
      units: units.length,
    })
    if (decisions.unit.some((of) => of !== unit)) throw unusable(`rows of unit ${unit} belong to another one`)
    return { unit, decisions }
  } catch (error) {
    if (error instanceof PlatformError || error instanceof TypeError) throw unusable(error.message)
    throw error
  }
}
