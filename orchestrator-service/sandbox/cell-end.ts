import type { EngineClient } from './docker-client.ts'
import { inspectContainer, removeContainer } from './engine-calls.ts'

const ATTEMPTS = 3
const PAUSE_MS = 200

/** How the engine says the container ended; nulls when it does not answer. Read before the removal. */
export async function readEnd(
  engine: EngineClient,
  containerId: string,
): Promise<{ exitCode: number | null; oomKilled: boolean }> {
  const state = await attempt(async () => (await inspectContainer(engine, containerId)).State, 2)
  if (state === null || state.Running) return { exitCode: null, oomKilled: false }
  return { exitCode: state.ExitCode, oomKilled: state.OOMKilled }
}

/** Removes the container; false: the engine would not in time, and reconcile has to. */
export async function removeCell(engine: EngineClient, containerId: string): Promise<boolean> {
  return (await attempt(() => removeContainer(engine, containerId).then(() => true), ATTEMPTS)) ?? false
}

async function attempt<T>(run: () => Promise<T>, times: number): Promise<T | null> {
  for (let round = 1; round <= times; round += 1) {
    try {
      return await run()
    } catch {
      if (round < times) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * round))
    }
  }
  return null
}
