import type { IncomingMessage } from 'node:http'
import { EngineError, type EngineClient } from './docker-client.ts'
import { inspectContainer, waitExit, type WaitCondition } from './engine-calls.ts'

/**
 * Learns that a container has ended. The engine's `wait` is the fast way, but it never settles after a failed start, and an
 * engine that restarts cuts it off; so `inspect` is asked beside it, slowly while the cell is expected to run and quickly once
 * its end is expected or the wait was cut off. As soon as the engine answers again the wait is registered anew.
 * It answers at the latest `giveUpMs` after `expectEnd`, and when the engine is away for too long.
 */
export interface ExitWatch {
  /** true: ended; false: given up, nobody knows. */
  readonly ended: Promise<boolean>
  /** As the engine said it when the container ended; null: it has not. */
  readonly exitCode: number | null
  /** Resolves when the engine has broken off the wait without an answer: it restarts, or the way to it is cut. */
  readonly engineLost: Promise<void>
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
  const lost = Promise.withResolvers<void>()
  const state = { expected: false, stopped: false, waits: false, exitCode: null as number | null }
  let timer: NodeJS.Timeout
  let giveUp: NodeJS.Timeout | undefined

  const settle = (value: boolean) => {
    if (state.stopped) return
    state.stopped = true
    clearTimeout(timer)
    clearTimeout(giveUp)
    abort.abort()
    resolve(value)
  }
  const lookAfter = (ms: number) => {
    clearTimeout(timer)
    if (!state.stopped) timer = setTimeout(() => void look(), ms)
  }
  const register = async (on: WaitCondition) => {
    const answer = await waitExit(engine, id, { condition: on, signal: abort.signal })
    state.waits = true
    void readExit(answer).then((exitCode) => {
      state.waits = false
      state.exitCode = exitCode
      if (exitCode !== null) settle(true)
      if (state.stopped) return
      lost.resolve()
      lookAfter(QUICK_MS)
    })
  }
  let silentSince: number | null = null
  const look = async () => {
    const answer = await readStatus(engine, id)
    if (answer === 'ended') settle(true)
    silentSince = answer === null ? (silentSince ?? performance.now()) : null
    if (silentSince !== null && performance.now() - silentSince > ENGINE_AWAY_CALLS * engine.callTimeMs) settle(false)
    if (state.stopped) return
    if (answer === 'running' && !state.waits) await register('not-running').catch(() => {})
    lookAfter(state.expected || !state.waits ? QUICK_MS : slowMs)
  }
  timer = setTimeout(() => void look(), slowMs)
  await register(condition).catch((error: unknown) => {
    settle(false)
    throw error
  })
  return {
    ended,
    get exitCode() {
      return state.exitCode
    },
    engineLost: lost.promise,
    expectEnd: () => {
      if (state.expected || state.stopped) return
      state.expected = true
      lookAfter(QUICK_MS)
      giveUp = setTimeout(() => settle(false), giveUpMs)
    },
    stop: () => settle(false),
  }
}

/** null: the engine did not say. */
async function readStatus(engine: EngineClient, id: string): Promise<'created' | 'running' | 'ended' | null> {
  try {
    const { State } = await inspectContainer(engine, id)
    if (State.Running) return 'running'
    return State.Status === 'created' ? 'created' : 'ended'
  } catch (error) {
    return error instanceof EngineError && error.status === 404 ? 'ended' : null
  }
}

/** The body of `wait` is one small JSON object; anything else (engine restarted, connection lost) is no answer. */
async function readExit(answer: IncomingMessage): Promise<number | null> {
  let text = ''
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      text += chunk.toString('utf8')
      if (text.length > 4096) return null
    }
    const { StatusCode } = JSON.parse(text) as { StatusCode?: unknown }
    return typeof StatusCode === 'number' ? StatusCode : null
  } catch {
    return null
  }
}
