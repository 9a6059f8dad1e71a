import { createParser } from 'eventsource-parser'
import { parentPort, workerData } from 'node:worker_threads'

/**
 * Clients of the bench `api` in a thread of their own, so that their work is not the service's. Followers measure from the
 * moment at which the host took a log entry to its arrival; both ends read the same clock.
 */
export interface ClientWork {
  readonly url: string
  readonly secret: string
  /** A follower for each, jobs may stand several times. */
  readonly follow: readonly string[]
  readonly submit: { readonly body: string; readonly times: number; readonly everyMs: number }
}

export interface ClientFigures {
  readonly updateMs: number[]
  readonly submitMs: number[]
  readonly submitted: string[]
}

const work = workerData as ClientWork
const headers = { authorization: `Bearer ${work.secret}`, 'content-type': 'application/json' }
const stop = new AbortController()

async function follow(id: string, updateMs: number[]): Promise<void> {
  // What was logged before is history, however fast it comes
  let since = Number.POSITIVE_INFINITY
  const parser = createParser({
    onEvent({ event, data }) {
      if (event !== 'log') return
      const { at } = JSON.parse(data) as { at: number }
      if (at >= since) updateMs.push(Date.now() - at)
    },
  })
  try {
    const answer = await fetch(`${work.url}/v1/backtests/${id}/events`, { headers, signal: stop.signal })
    since = Date.now()
    const decoder = new TextDecoder()
    for await (const chunk of answer.body!) parser.feed(decoder.decode(chunk as Uint8Array, { stream: true }))
  } catch (error) {
    if (!stop.signal.aborted) throw error
  }
}

async function submit(figures: ClientFigures): Promise<void> {
  for (let i = 0; i < work.submit.times; i += 1) {
    const start = performance.now()
    const answer = await fetch(`${work.url}/v1/backtests`, { method: 'POST', headers, body: work.submit.body })
    const { id } = (await answer.json()) as { id: string }
    figures.submitMs.push(performance.now() - start)
    figures.submitted.push(id)
    await new Promise((resolve) => setTimeout(resolve, work.submit.everyMs))
  }
}

const figures: ClientFigures = { updateMs: [], submitMs: [], submitted: [] }
const followers = work.follow.map(async (id) => await follow(id, figures.updateMs))
await submit(figures)
stop.abort()
await Promise.all(followers)
parentPort!.postMessage(figures)
