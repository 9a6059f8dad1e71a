import { spawn } from 'node:child_process'
import { existsSync, readlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../../..')
const PINNED = join(ROOT, 'node_modules/.bin/node')
/** The machine's own Node, of another version; where there is none, the pinned one starts these files as well. */
const OTHER = ['/usr/bin/node', '/usr/local/bin/node'].find((file) => existsSync(file)) ?? PINNED

interface Ended {
  readonly code: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
  readonly wallMs: number
}

async function start(args: readonly string[], env: Readonly<Record<string, string>> = {}, stop?: NodeJS.Signals) {
  const started = performance.now()
  const child = spawn(OTHER, args, { cwd: ROOT, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const texts = Promise.all([text(child.stdout), text(child.stderr)])
  if (stop) child.stdout.once('data', () => child.kill(stop))
  const { code, signal } = await new Promise<Pick<Ended, 'code' | 'signal'>>((done) => {
    child.once('exit', (code, signal) => done({ code, signal }))
  })
  const [stdout, stderr] = await texts
  return { code, signal, stdout, stderr, wallMs: performance.now() - started } satisfies Ended
}

describe('setup.mjs', () => {
  it('does nothing the second time, quickly, with nothing on stdout', async ({ expect }) => {
    await start(['setup.mjs'])
    const second = await start(['setup.mjs'])

    expect(second).toMatchObject({ code: 0, stdout: '', stderr: 'setup: ready\n' })
    // Less than a second where nothing else runs; any step that is done again takes longer
    expect(second.wallMs).toBeLessThan(8000)
  })

  it('makes `npx hotcell` find this clone', async ({ expect }) => {
    await start(['setup.mjs'])

    expect(readlinkSync(join(ROOT, 'node_modules/.bin/hotcell'))).toBe('../../orchestrator-service/cli/hotcell.mjs')
  })

  it('goes on under the pinned Node and keeps its exit code', async ({ expect }) => {
    const program = 'test/support/print-node.mjs'
    const ended = await start(['setup.mjs', '--run', program, 'a b', '--json'])

    expect(ended.code).toBe(7)
    expect(JSON.parse(ended.stdout)).toEqual([process.versions.node, 'a b', '--json'])
  })

  it('hands a signal on to the program and ends as it ends', async ({ expect }) => {
    const ended = await start(['setup.mjs', '--run', 'test/support/wait-for-signal.mjs'], {}, 'SIGTERM')

    expect(ended).toMatchObject({ code: 9, stdout: 'waiting\nSIGTERM\n' })
  })

  it('says what to do when no engine answers where the user says that it is', async ({ expect }) => {
    const ended = await start(['setup.mjs', '--test'], { DOCKER_HOST: 'unix:///nowhere/docker.sock' })

    expect(ended.code).toBe(1)
    expect(ended.stderr).toContain('no Docker engine answers at /nowhere/docker.sock. Start it')
    expect(ended.stdout).toBe('0 passed, 1 failed\n')
  })

  it('refuses an argument that it does not know', async ({ expect }) => {
    const ended = await start(['setup.mjs', '--tset'])

    expect(ended).toMatchObject({ code: 2, stdout: '' })
    expect(ended.stderr).toContain('Cannot read argument "--tset"')
  })
})

describe('hotcell.mjs', () => {
  const BIN = 'orchestrator-service/cli/hotcell.mjs'

  it("starts under the machine's Node and answers with the exit code of the command", async ({ expect }) => {
    const good = await start([BIN, '--version'])
    const bad = await start([BIN, 'no-such-command'])

    expect(good).toMatchObject({ code: 0, stdout: '0.1.0\n' })
    expect(bad).toMatchObject({ code: 2, stdout: '' })
  })
})
