import { PlatformError } from '../../../src/errors.ts'

/** A place that a stream holds; `signal` is aborted when the service ends. */
export interface Place {
  readonly signal: AbortSignal
  /** How long a client may take nothing. */
  readonly stallMs: number
  leave(): void
}

/** At most so many at once. */
export interface Gate {
  readonly size: number
  /** @throws PlatformError too_many_followers, service_unavailable (closed) */
  enter(): Place
  /** Ends all who are in, and lets nobody in any more. */
  close(): void
}

export function createGate(max: number, what: string, stallMs: number): Gate {
  const inside = new Set<AbortController>()
  let closed = false
  return {
    get size() {
      return inside.size
    },
    enter() {
      if (closed) throw new PlatformError('service_unavailable', `Cannot open the stream: the service is ending`)
      if (inside.size >= max)
        throw new PlatformError('too_many_followers', `Cannot open the stream: there are ${max} ${what} already`)
      const controller = new AbortController()
      inside.add(controller)
      return { signal: controller.signal, stallMs, leave: () => void inside.delete(controller) }
    },
    close() {
      closed = true
      for (const controller of inside) controller.abort()
    },
  }
}
