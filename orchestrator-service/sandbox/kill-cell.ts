import { setTimeout as sleep } from 'node:timers/promises'
import type { EngineClient } from './docker-client.ts'
import { killContainer } from './engine-calls.ts'

const PAUSE_MS = 250

/**
 * Kills a container, again and again while the engine hangs or is away, until it took the signal or `isOver`.
 * False: the container had ended by itself; null: a kill was sent, and nobody knows whether it arrived.
 */
export async function killCell(
  engine: EngineClient,
  containerId: string,
  isOver: () => boolean,
): Promise<boolean | null> {
  let sent = false
  while (!isOver()) {
    try {
      return await killContainer(engine, containerId)
    } catch {
      sent = true
      await sleep(PAUSE_MS)
    }
  }
  return sent ? null : false
}
