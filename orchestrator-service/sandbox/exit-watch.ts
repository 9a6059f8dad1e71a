import type { IncomingMessage } from 'node:http'
import { EngineError, type EngineClient } from './docker-client.ts'
import { inspectContainer, waitExit, type WaitCondition } from './engine-calls.ts'

/**
 * Learns that a container has ended. The engine's `wait` is the fast way, but it never settles after a failed start or
 * a restart of the engine; so `inspect` is asked beside it, slowly while the cell is expected to run and quickly once
 * its end is expected. It answers at the latest `giveUpMs` after `expectEnd`, and when the engine is away for too long.
 */
export interface ExitWatch {
  /** true: ended; false: given up, nobody knows. */
  readonly ended: Promise<boolean>
  expectEnd(): void
  stop(): void
}

const QUICK_MS = 250
/** In call times of the engine: an engine that is away longer is not restarting. */
const ENGINE_AWAY_CALLS = 3

export async function watchExit(
  engine: EngineClient,
  id: string,
  giveUpMs: number,
  condition: WaitCondition = 'next-exit',
): Promise<ExitWatch> {
  const abort = new AbortController()
  const slowMs = 0.75 * engine.callTimeMs
  const { promise: ended, resolve } = Promise.withResolvers<boolean>()
  let expected = false
  let stopped = false
  let timer: NodeJS.Timeout
  let giveUp: NodeJS.Timeout | undefined

  const settle = (value: boolean) => {
    if (stopped) return
    stopped = true
    clearTimeout(timer)
    clearTimeout(giveUp)
    abort.abort()
    resolve(value)
  }
  let silentSince: number | null = null
  const look = async () => {
    const answer = await hasEnded(engine, id)
    if (answer === true) settle(true)
    silentSince = answer === null ? (silentSince ?? performance.now()) : null
    if (silentSince !== null && performance.now() - silentSince > ENGINE_AWAY_CALLS * engine.callTimeMs) settle(false)
    else if (!stopped) timer = setTimeout(() => void look(), expected ? QUICK_MS : slowMs)
  }
  timer = setTimeout(() => void look(), slowMs)
  const answer = await waitExit(engine, id, { condition, signal: abort.signal }).catch((error: unknown) => {
    settle(false)
    throw error
  })
  void readExit(answer).then((exited) => exited && settle(true))
  return {
    ended,
    expectEnd: () => {
      if (expected || stopped) return
      expected = true
      clearTimeout(timer)
      timer = setTimeout(() => void look(), QUICK_MS)
      giveUp = setTimeout(() => settle(false), giveUpMs)
    },
    stop: () => settle(false),
  }
}

/** null: the engine did not say. */
async function hasEnded(engine: EngineClient, id: string): Promise<boolean | null> {
  try {
    const { State } = await inspectContainer(engine, id)
    return !State.Running && State.Status !== 'created'
  } catch (error) {
    return error instanceof EngineError && error.status === 404 ? true : null
  }
}

/** The body of `wait` is one small JSON object; anything else (engine restarted, connection lost) is no answer. */
async function readExit(answer: IncomingMessage): Promise<boolean> {
  let text = ''
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      text += chunk.toString('utf8')
      if (text.length > 4096) return false
    }
    return typeof (JSON.parse(text) as { StatusCode?: unknown }).StatusCode === 'number'
  } catch {
    return false
  }
}
