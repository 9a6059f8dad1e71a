import { PlatformError } from '../../src/errors.ts'
import type { Attestation, CellEvent } from '../../src/protocol/events.ts'
import { compareAttestation } from './attestation-check.ts'
import { type CellCause, mapFatal } from './exit.ts'
import type { SandboxPolicy } from './policy.ts'

/**
 * What a cell's events mean to the host before anybody else hears them, live or read from the engine's log: the first one
 * attests what the cell is, once; a `fatal` one ends it; the latest bar time is kept.
 */
export interface EventGate {
  /** Resolves when the attestation equals the policy; rejects when not, or when the cell ends without one. */
  readonly attested: Promise<Attestation>
  /** Whether the cell has said what it is, rightly or not. */
  readonly sawAttestation: boolean
  readonly lastBarTime: number | null
  /** Whether it has worked on candles, for which it must have all of its input. */
  readonly hasWorked: boolean
  take(event: CellEvent): void
  refuse(differences: readonly string[]): void
  /** The cell ends for this reason: whoever still waits for an attestation learns it. Without effect when it has attested. */
  close(cause: CellCause | null): void
  /** A document of a cell that never said what it is does not count. */
  unattested(): CellCause | null
}

export interface EventGateOptions {
  readonly policy: SandboxPolicy
  /** Events that passed. */
  readonly onEvent: (event: CellEvent) => void
  /** The cell must not go on. */
  readonly onEnd: (cause: CellCause) => void
}

const UNATTESTED = {
  kind: 'platform_error',
  reason: 'attestation',
  message: 'The cell ended before it attested',
} as const

export function createEventGate({ policy, onEvent, onEnd }: EventGateOptions): EventGate {
  const attested = Promise.withResolvers<Attestation>()
  attested.promise.catch(() => {})
  let seen = false
  let worked = false
  let lastBarTime: number | null = null

  const refuse = (differences: readonly string[]): void => {
    // The texts are the cell's own.
    const shown = differences.slice(0, 20).map((difference) => difference.slice(0, 300))
    const message = `The cell is not what the policy "${policy.name}" says: ${shown.join('; ')}`
    attested.reject(new PlatformError('protocol', message, { details: { differences: shown } }))
    onEnd({ kind: 'platform_error', reason: 'attestation', message })
  }
  const takeFirst = (event: CellEvent): void => {
    if (seen) {
      onEnd({ kind: 'platform_error', reason: 'protocol', message: 'The cell attested twice' })
      return
    }
    seen = true
    if (event.type !== 'attestation') {
      refuse([`the first event is "${event.type}", expected an attestation`])
      return
    }
    const differences = compareAttestation(policy, event.attestation)
    if (differences.length > 0) refuse(differences)
    else attested.resolve(event.attestation)
  }
  const noteTime = (time: number | null): void => {
    if (time !== null && Number.isFinite(time)) lastBarTime = Math.max(lastBarTime ?? time, time)
  }

  return {
    attested: attested.promise,
    get sawAttestation() {
      return seen
    },
    get lastBarTime() {
      return lastBarTime
    },
    get hasWorked() {
      return worked
    },
    take(event) {
      if (!seen || event.type === 'attestation') {
        takeFirst(event)
        if (event.type !== 'attestation') return
      }
      if (event.type === 'progress') worked ||= event.phase !== 'load'
      if (event.type === 'progress' || event.type === 'fatal') noteTime(event.barTime)
      if (event.type === 'log') noteTime(event.time)
      if (event.type === 'fatal') onEnd(mapFatal(event))
      onEvent(event)
    },
    refuse,
    close: (cause) => attested.reject(new PlatformError('protocol', cause?.message ?? UNATTESTED.message)),
    unattested: () => (seen ? null : UNATTESTED),
  }
}
