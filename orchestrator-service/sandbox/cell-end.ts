import { type EngineClient, EngineError } from './docker-client.ts'
import { inspectContainer, removeContainer } from './engine-calls.ts'
import { UNKNOWN_EXIT } from './exit.ts'
import { endSurvivors } from './survivors.ts'

const ATTEMPTS = 3
const PAUSE_MS = 200

/** Nobody knows how it ended, or whether. */
export const UNKNOWN_END = { exitCode: null, oomKilled: false } as const

/** How the engine says the container ended; nulls when it does not answer. Read before the removal. */
export async function readEnd(
  engine: EngineClient,
  containerId: string,
): Promise<{ exitCode: number | null; oomKilled: boolean }> {
  const state = await attempt(async () => (await inspectContainer(engine, containerId)).State, 2)
  if (state === null || state.Running) return UNKNOWN_END
  return { exitCode: state.ExitCode, oomKilled: state.OOMKilled }
}

/**
 * Removes the container, and before it whatever outlived its end. False: the engine would not in time, or something
 * could not be ended; the container is still there then, and reconcile has to.
 */
export async function removeCell(engine: EngineClient, containerId: string): Promise<boolean> {
  const remove = async (): Promise<true> => {
    await endWhatIsLeft(engine, containerId)
    await removeContainer(engine, containerId)
    return true
  }
  return (await attempt(remove, ATTEMPTS)) ?? false
}

async function endWhatIsLeft(engine: EngineClient, containerId: string): Promise<void> {
  try {
    const container = await inspectContainer(engine, containerId)
    if (container.State.Status !== 'running' && container.State.ExitCode === UNKNOWN_EXIT)
      await endSurvivors(engine, container)
  } catch (error) {
    if (!(error instanceof EngineError && error.status === 404)) throw error
  }
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
