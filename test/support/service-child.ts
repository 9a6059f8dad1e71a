import { createInterface } from 'node:readline'
import { openTestApp } from './service.ts'

/**
 * A process with the service in it, to be killed. Arguments: data directory, concurrency. Each line on stdin is a
 * submission; on stdout goes a line for each submitted job and each of its events.
 */
const [dataDir, concurrency] = process.argv.slice(2)
const say = (message: object): void => void process.stdout.write(`${JSON.stringify(message)}\n`)
const app = await openTestApp(dataDir!, { concurrency: Number(concurrency) })
await app.start()
say({ type: 'ready' })
for await (const line of createInterface({ input: process.stdin })) {
  const { job } = await app.jobs.submit({ owner: 'child', raw: JSON.parse(line), idempotency: null })
  let told = 0
  const tell = async (): Promise<void> => {
    for (const { sequence, event } of await app.stores.jobs.events(job.id, told)) {
      told = Math.max(told, sequence)
      say({ type: 'event', id: job.id, event: event.type })
    }
  }
  app.feed.subscribe(job.id, (topic) => {
    if (topic === 'state') void tell()
  })
  say({ type: 'submitted', id: job.id })
}
