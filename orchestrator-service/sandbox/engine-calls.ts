import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { ContainerSpec } from './container-spec.ts'
import { callEngine, EngineError, type EngineClient, hijackEngine, openEngineStream } from './docker-client.ts'
import type { InspectedContainer } from './inspect-check.ts'

/** The calls of the engine API that a cell's life needs, with the parts of the answers that we read. */
export interface InspectAnswer extends InspectedContainer {
  readonly Id: string
  readonly Name: string
  readonly State: {
    readonly Status: string
    readonly Running: boolean
    readonly OOMKilled: boolean
    readonly ExitCode: number
    readonly Error: string
    readonly Pid: number
  }
}

export interface ListedContainer {
  readonly Id: string
  readonly Names: readonly string[]
  readonly State: string
  readonly Created: number
  readonly Labels: Readonly<Record<string, string>>
}

export interface StatsAnswer {
  readonly cpu_stats?: { readonly cpu_usage?: { readonly total_usage?: number } }
  readonly memory_stats?: { readonly usage?: number; readonly max_usage?: number }
}

/** next-exit: of a container that is not started yet. not-running: at once when it has ended. */
export type WaitCondition = 'next-exit' | 'not-running'

export async function createContainer(engine: EngineClient, spec: ContainerSpec): Promise<string> {
  const { name, ...body } = spec
  const answer = await callEngine<{ Id: string }>(engine, {
    action: 'create the cell',
    method: 'POST',
    path: '/containers/create',
    query: { name },
    body,
  })
  return answer.Id
}

export function inspectContainer(engine: EngineClient, id: string): Promise<InspectAnswer> {
  return callEngine(engine, {
    action: 'inspect the cell',
    method: 'GET',
    path: `/containers/${id}/json`,
  })
}

/** Attaches before the start; without the upgrade of the connection the output would be lost. */
export function attachContainer(engine: EngineClient, id: string): Promise<Socket> {
  return hijackEngine(engine, {
    action: 'attach to the cell',
    method: 'POST',
    path: `/containers/${id}/attach`,
    query: { stdin: true, stdout: true, stderr: true, stream: true },
  })
}

/** Resolves when the engine has registered the wait; the exit comes in the body of the answer. */
export function waitExit(
  engine: EngineClient,
  id: string,
  options: { readonly condition: WaitCondition; readonly signal: AbortSignal },
): Promise<IncomingMessage> {
  return openEngineStream(engine, {
    action: 'wait for the cell',
    method: 'POST',
    path: `/containers/${id}/wait`,
    query: { condition: options.condition },
    signal: options.signal,
  })
}

export async function startContainer(engine: EngineClient, id: string): Promise<void> {
  await callEngine(engine, { action: 'start the cell', method: 'POST', path: `/containers/${id}/start` })
}

/** Whether there is an engine that answers. @throws engine_unavailable, engine_timeout */
export async function pingEngine(engine: EngineClient): Promise<void> {
  await callEngine(engine, { action: 'ask the engine', method: 'GET', path: '/version', timeoutMs: 5000 })
}

/** @throws EngineError 409 when another container has the name */
export async function renameContainer(engine: EngineClient, id: string, name: string): Promise<void> {
  await callEngine(engine, {
    action: 'rename the cell',
    method: 'POST',
    path: `/containers/${id}/rename`,
    query: { name },
  })
}

/** All output that the engine kept, multiplexed. Never with `follow`: that comes out short or long. */
export function readContainerLogs(engine: EngineClient, id: string): Promise<IncomingMessage> {
  return openEngineStream(engine, {
    action: 'read the output of the cell',
    method: 'GET',
    path: `/containers/${id}/logs`,
    query: { stdout: true, stderr: true, follow: false },
  })
}

/** Output from now on, as far as the engine hands it over in time: for signs of life, never for the result. */
export function followContainerLogs(engine: EngineClient, id: string, signal: AbortSignal): Promise<IncomingMessage> {
  return openEngineStream(engine, {
    action: 'follow the output of the cell',
    method: 'GET',
    path: `/containers/${id}/logs`,
    query: { stdout: true, stderr: true, follow: true, tail: '0' },
    signal,
  })
}

/** True: our signal reached a running container. False: it had already ended or is gone. */
export async function killContainer(engine: EngineClient, id: string): Promise<boolean> {
  try {
    await callEngine(engine, {
      action: 'kill the cell',
      method: 'POST',
      path: `/containers/${id}/kill`,
      query: { signal: 'SIGKILL' },
    })
    return true
  } catch (error) {
    if (error instanceof EngineError && (error.status === 404 || error.status === 409)) return false
    throw error
  }
}

/** Removes a container, running or not; one that is gone already counts as removed. */
export async function removeContainer(engine: EngineClient, id: string): Promise<void> {
  try {
    await callEngine(engine, {
      action: 'remove the cell',
      method: 'DELETE',
      path: `/containers/${id}`,
      query: { force: true, v: true },
    })
  } catch (error) {
    if (error instanceof EngineError && error.status === 404) return
    throw error
  }
}

export function listByLabels(
  engine: EngineClient,
  labels: Readonly<Record<string, string>>,
): Promise<ListedContainer[]> {
  const label = Object.entries(labels).map(([key, value]) => `${key}=${value}`)
  return callEngine(engine, {
    action: 'list the cells',
    method: 'GET',
    path: '/containers/json',
    query: { all: true, filters: JSON.stringify({ label }) },
  })
}

export function readStats(engine: EngineClient, id: string, timeoutMs: number): Promise<StatsAnswer> {
  return callEngine(engine, {
    action: "read the cell's counters",
    method: 'GET',
    path: `/containers/${id}/stats`,
    query: { stream: false, 'one-shot': true },
    timeoutMs,
  })
}
