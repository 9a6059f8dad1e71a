import type { FeedTopic, JobFeed } from '../../jobs/jobs.ts'

/** What happened to a job since it was last asked. */
export interface JobChanges extends Disposable {
  /** Resolves with the topics that changed (maybe before the call), or with none after `ms` or when the signal is aborted. */
  next(ms: number): Promise<ReadonlySet<FeedTopic>>
}

/** Listens from now on: whoever reads the store after this call misses nothing. */
export function watchJob(feed: JobFeed, id: string, signal: AbortSignal): JobChanges {
  let changed = new Set<FeedTopic>()
  let wake = (): void => {}
  const unsubscribe = feed.subscribe(id, (topic) => {
    changed.add(topic)
    wake()
  })
  const onAbort = (): void => wake()
  signal.addEventListener('abort', onAbort)
  return {
    async next(ms) {
      if (changed.size === 0 && !signal.aborted) {
        const { promise, resolve } = Promise.withResolvers<void>()
        const timer = setTimeout(resolve, ms)
        wake = resolve
        await promise
        clearTimeout(timer)
      }
      const topics = changed
      changed = new Set()
      return topics
    },
    [Symbol.dispose]() {
      unsubscribe()
      signal.removeEventListener('abort', onAbort)
    },
  }
}
