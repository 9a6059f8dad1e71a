import type { JobProgress } from '../../src/protocol/job.ts'
import type { FeedTopic, JobFeed } from './jobs.ts'

/** The telling side of the feed. A listener must not throw and takes no time: it looks later. */
export interface JobFeedSource extends JobFeed {
  notify(id: string, topic: FeedTopic): void
  /** Null: it does not run any more. */
  setProgress(id: string, progress: JobProgress | null): void
}

export function createJobFeed(): JobFeedSource {
  const listeners = new Map<string, Set<(topic: FeedTopic) => void>>()
  const latest = new Map<string, JobProgress>()
  const notify = (id: string, topic: FeedTopic): void => {
    for (const listener of listeners.get(id) ?? []) listener(topic)
  }
  return {
    notify,
    progress: (id) => latest.get(id) ?? null,
    setProgress(id, progress) {
      if (progress === null) {
        latest.delete(id)
        return
      }
      latest.set(id, progress)
      notify(id, 'progress')
    },
    subscribe(id, listener) {
      const set = listeners.get(id) ?? new Set()
      listeners.set(id, set.add(listener))
      return () => {
        set.delete(listener)
        if (set.size === 0 && listeners.get(id) === set) listeners.delete(id)
      }
    },
  }
}
