import type { AdoptCause, JobEvent, RetryCause } from './job-state.ts'

const WORDS: Readonly<Record<RetryCause | AdoptCause, string>> = {
  infra: 'engine or host failed',
  engine: 'engine restarted',
  disk: 'disk was full',
  lost: 'service was killed',
  released: 'service ended',
}

/** What happened to a job on its way, for people: "engine restarted: adopted". Null: nothing unusual. */
export function describeHistory(events: Iterable<JobEvent>): string | null {
  const counts = new Map<string, number>()
  for (const event of events) {
    if (event.type !== 'retried' && event.type !== 'adopted') continue
    const text = `${WORDS[event.cause]}: ${event.type === 'adopted' ? 'adopted' : 'tried again'}`
    counts.set(text, (counts.get(text) ?? 0) + 1)
  }
  if (counts.size === 0) return null
  return [...counts].map(([text, count]) => (count === 1 ? text : `${text} ${count} times`)).join('; ')
}
