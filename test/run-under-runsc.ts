import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { startOwnEngine } from './support/own-engine.ts'
import { buildRunsc, findRunsc, runscRuntime } from './support/runsc.ts'

/*
 * `npm run test:runsc`: the attacks, the smoke set, the sweep of system calls and a job under `strict`, with every cell under
 * gVisor, on an engine of its own that knows the runtime `runsc`. The program is found or built (docs/runtimes.md); without
 * it and without Go it says so and fails: nothing was shown.
 */
const ROOT = resolve(import.meta.dirname, '..')
const FILES = [
  'test/attacks/attacks.test.ts',
  'test/integration/sandbox/smoke-set.test.ts',
  'test/integration/sandbox/syscalls.test.ts',
  'test/integration/sandbox/strict-policy.test.ts',
]

const runsc = findRunsc() ?? buildRunsc()
if (runsc === null) {
  console.error('Cannot test under gVisor: there is no runsc and no Go to build it, expected one of them')
  process.exitCode = 1
} else {
  await using engine = await startOwnEngine({ liveRestore: false, runtimes: runscRuntime(runsc) })
  const args = [resolve(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', ...FILES, ...process.argv.slice(2)]
  const vitest = spawn(process.execPath, args, {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, DOCKER_HOST: engine.url, HOTCELL_TEST_RUNTIME: 'runsc', HOTCELL_TEST_RUNSC: runsc },
  })
  process.exitCode = await new Promise<number>((done, fail) => {
    vitest.once('error', fail)
    vitest.once('exit', (code) => {
      done(code ?? 1)
    })
  })
}
