import { type EngineClient, EngineError } from './docker-client.ts'
import { inspectContainer, pingEngine } from './engine-calls.ts'

/** Whether the engine answers now. Never rejects. */
export async function isEngineThere(engine: EngineClient): Promise<boolean> {
  return await pingEngine(engine).then(
    () => true,
    () => false,
  )
}

/**
 * Whether it is worth waiting for the end of a container, or reading it: it runs, or it ended by itself. One that an engine
 * killed on its way down is not. @throws engine_unavailable, engine_timeout
 */
export async function isAdoptable(engine: EngineClient, containerId: string): Promise<boolean> {
  try {
    const { State } = await inspectContainer(engine, containerId)
    return State.Running || (State.Status === 'exited' && (State.ExitCode !== 137 || State.OOMKilled))
  } catch (error) {
    if (error instanceof EngineError && error.status === 404) return false
    throw error
  }
}
