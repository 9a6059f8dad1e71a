import { parseArgs } from 'node:util'
import { storeFinding } from './corpus.ts'
import { fuzz } from './supervise.ts'
import { FUZZ_TARGETS, type FuzzTargetName } from './targets/all.ts'

/*
 * `npm run fuzz -- --target demux --seconds 600 --seed 7`: cases until the time is over or one fails; that one is made
 * smaller and kept under test/golden/fuzz. Without --target each of them in turn. `--first 4711 --cases 1` repeats a case.
 */
const { values } = parseArgs({
  options: {
    target: { type: 'string' },
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string' },
    first: { type: 'string', default: '0' },
    cases: { type: 'string', default: 'Infinity' },
  },
})
const names = (Object.keys(FUZZ_TARGETS) as FuzzTargetName[]).filter((name) => (values.target ?? name) === name)
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed)
const [first, cases, seconds] = [Number(values.first), Number(values.cases), Number(values.seconds)]
if (names.length === 0 || [seed, first, seconds].some((value) => !Number.isFinite(value))) {
  process.stderr.write(
    `Usage: npm run fuzz -- [--target ${Object.keys(FUZZ_TARGETS).join('|')}] [--seconds N] [--seed N]\n`,
  )
  process.exit(2)
}
for (const target of names) {
  process.stdout.write(`${target}: seed ${seed}, ${seconds} s\n`)
  const run = await fuzz({ target, seed, first, cases, seconds })
  process.stdout.write(`${target}: ${run.executions} executions, ${(run.bytes / 2 ** 20).toFixed(0)} MiB\n`)
  if (run.finding === null) continue
  const { index, message, input } = run.finding
  process.stdout.write(
    `${target}: case ${index} of seed ${seed} fails: ${message}\n  kept as ${storeFinding(target, run.finding)} (${input.bytes.length} bytes)\n`,
  )
  process.exitCode = 1
}
