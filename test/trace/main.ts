import { execFileSync } from 'node:child_process'
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { release, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { loadPolicies } from '../../orchestrator-service/sandbox/policy.ts'
import { openSmokeBench } from '../support/smoke-bench.ts'
import { SMOKE_SET } from '../support/smoke-items.ts'
import { openKernelTrace } from './kernel-trace.ts'
import { createTally, type TraceRecord, unseenKeys } from './seen.ts'
import { createEventReader } from './syscall-events.ts'
import { startTracedEngine } from './traced-engine.ts'

/*
 * `npm run trace:seccomp -- [--runs 30] [--out FILE] [--no-trace] [--runc PATH] [--only PATTERN]`: runs the smoke set so
 * many times on an engine of its own while the kernel traces it, and writes which rules of the allow-list were needed, in
 * how many runs and by whom. With --no-trace only whether the items pass. By hand: needs root, x86_64, a kernel with
 * system call tracing, dockerd, containerd and runc.
 */
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '30' },
    out: { type: 'string' },
    runc: { type: 'string' },
    only: { type: 'string', default: '' },
    'no-trace': { type: 'boolean', default: false },
  },
})

const runs = Number(values.runs)
const runc = values.runc ?? execFileSync('sh', ['-c', 'command -v runc'], { encoding: 'utf8' }).trim()
const profile = loadPolicies().get('default')!.seccomp
const items = SMOKE_SET.filter(({ name }) => new RegExp(values.only).test(name))
const tally = createTally(profile)
const folder = mkdtempSync(join(tmpdir(), 'hotcell-trace-'))
await using trace = values['no-trace'] ? null : openKernelTrace()
await using engine = await startTracedEngine({ runc, pidFile: trace?.pidFile ?? null })
process.env['DOCKER_HOST'] = engine.url
await using bench = await openSmokeBench()

let passed = 0
for (let run = 1; run <= runs; run += 1) {
  const began = performance.now()
  const failures = await runSet(run)
  if (failures.length === 0) passed += 1
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  console.log(`run ${run} of ${runs}: ${failures.length === 0 ? 'passed' : failures.join('; ')} (${seconds} s)`)
  save()
}
console.log(`${passed} of ${runs} passed`)
if (!values['no-trace']) console.log(`not seen: ${unseenKeys(profile, tally.read()).join(', ') || 'none'}`)
rmSync(folder, { recursive: true, force: true })
process.exitCode = passed === runs ? 0 : 1

async function runSet(run: number): Promise<string[]> {
  const failures: string[] = []
  const file = join(folder, 'events')
  const recording = trace?.record(file)
  for (const item of items) {
    trace?.mark(item.name)
    try {
      await item.run(bench)
    } catch (error) {
      failures.push(`${item.name}: ${(error as Error).message.split('\n').slice(0, 12).join(' ')}`)
    }
  }
  if (recording === undefined) return failures
  await recording.stop()
  const reader = createEventReader((call) => tally.add(call, run))
  for await (const line of createInterface({ input: createReadStream(file) })) reader.readLine(line)
  return failures
}

function save(): void {
  if (values.out === undefined) return
  const text = (program: string, ...args: string[]): string =>
    execFileSync(program, args, { encoding: 'utf8' }).split('\n')[0]!
  const record: TraceRecord = {
    made: {
      date: new Date().toISOString().slice(0, 10),
      node: process.version,
      runc: text(runc, '--version'),
      kernel: release(),
      engine: text('dockerd', '--version'),
    },
    runs,
    passed,
    items: items.map(({ name }) => name),
    ...tally.read(),
  }
  writeFileSync(values.out, `${JSON.stringify(record, null, 2)}\n`)
}
