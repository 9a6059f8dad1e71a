import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'

const CACHE = resolve(import.meta.dirname, '../../node_modules/.cache/hotcell/bin')
const BUILD_MS = 15 * 60_000

/** `runtimes` of an engine's settings, as docs/operations.md gives them to users. */
export const runscRuntime = (
  path: string,
): Readonly<Record<string, { path: string; runtimeArgs: readonly string[] }>> => ({
  runsc: { path, runtimeArgs: ['--platform=systrap', '--network=none', '--oci-seccomp'] },
})

/** gVisor's program: what HOTCELL_TEST_RUNSC names, on the PATH, or what `buildRunsc` left; null: none. */
export function findRunsc(): string | null {
  const named = process.env['HOTCELL_TEST_RUNSC']
  if (named !== undefined) return named
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), CACHE]
  return folders.map((folder) => join(folder, 'runsc')).find((path) => existsSync(path)) ?? null
}

/** Builds it from the Go registry into the project's cache; null where there is no Go. */
export function buildRunsc(): string | null {
  const { status, error } = spawnSync('go', ['install', 'gvisor.dev/gvisor/runsc@latest'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: BUILD_MS,
    env: { ...process.env, CGO_ENABLED: '0', GOBIN: CACHE },
  })
  if (error !== undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') return null
  if (status !== 0) throw new Error(`Cannot build runsc: go ended with ${status ?? error?.message}`)
  return join(CACHE, 'runsc')
}
