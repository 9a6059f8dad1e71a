import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { connectEngine } from '../orchestrator-service/sandbox/docker-client.ts'

/*
 * `npm run test:runsc`: the attacks, the smoke set and the sweep of system calls with every cell under gVisor, on an engine
 * that knows the runtime `runsc` (docs/runtimes.md says how it gets it). Without one it says so and does nothing.
 */
const ROOT = resolve(import.meta.dirname, '..')
const FILES = [
  'test/attacks/attacks.test.ts',
  'test/integration/sandbox/smoke-set.test.ts',
  'test/integration/sandbox/syscalls.test.ts',
]

const { Runtimes: runtimes } = (await connectEngine().docker.info()) as { Runtimes?: Readonly<Record<string, unknown>> }
if (runtimes?.['runsc'] === undefined) {
  console.log('Left out: the engine does not know the runtime "runsc"; docs/runtimes.md says how to install it')
} else {
  const vitest = spawn(process.execPath, [resolve(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', ...FILES], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, HOTCELL_TEST_RUNTIME: 'runsc' },
  })
  process.exitCode = await new Promise<number>((done, fail) => {
    vitest.once('error', fail)
    vitest.once('exit', (code) => {
      done(code ?? 1)
    })
  })
}
