import { openSqliteStores } from '../../orchestrator-service/store/sqlite/open-stores.ts'
import { finished, sampleJob, wayToOk } from './job-samples.ts'

/** Writes into the store at argv[2] without end and prints each acknowledged step: `<job> <number of its events>`. */
const [path, prefix] = process.argv.slice(2)
await using stores = openSqliteStores(path!)
const { jobs } = stores
const say = (id: string, version: number): void => void process.stdout.write(`${id} ${version}\n`)

for (let i = 0; ; i += 1) {
  const id = `${prefix}-${i}`
  const { job } = await jobs.submit(sampleJob(id, { labels: { round: prefix! } }), { maxQueued: 1_000_000 })
  say(id, job.version)
  const taken = await jobs.take({ worker: 'w', now: 1, leaseMs: 1, only: id })
  say(id, taken!.version)
  const ended = await jobs.update(id, 2, () => (i % 2 === 0 ? wayToOk(1) : [finished(1, 'strategy_error', 'threw')]))
  say(id, ended.version)
}
