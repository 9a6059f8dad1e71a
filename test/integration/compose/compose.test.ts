import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import { buildRawConfig } from '../../../orchestrator-service/cli/build-config.ts'
import type { JobView } from '../../../src/protocol/job.ts'
import type { Result } from '../../../src/protocol/result.ts'
import { type CliSandbox, createCliSandbox, hourlyCsv } from '../../support/cli.ts'
import { type ComposeProject, createComposeProject, findCompose, runTool } from '../../support/compose-project.ts'

const COMPOSE = findCompose()
const EXAMPLE = join(import.meta.dirname, '../../../examples/breakout.ts')
const ASSEMBLE = join(import.meta.dirname, '../../../orchestrator-service/service-image/assemble.ts')
const FLAGS = { symbols: 'BTCUSDT', interval: '1h', slippage: '2' }

/** The same run on this machine, without a service: what the one in the container is compared with. */
async function runOnHost(cli: CliSandbox): Promise<Result> {
  await writeFile(join(cli.cwd, 'BTCUSDT-1h.csv'), hourlyCsv(60))
  await copyFile(EXAMPLE, join(cli.cwd, 'breakout.ts'))
  const imported = await cli.run(['candles', 'import', 'BTCUSDT-1h.csv'])
  const flags = Object.entries(FLAGS).flatMap(([name, value]) => [`--${name}`, value])
  const ended = await cli.run(['run', 'breakout.ts', ...flags, '--json'])
  if (imported.code !== 0 || ended.code !== 0) throw new Error(imported.stderr + ended.stderr)
  return JSON.parse(ended.stdout) as Result
}

async function buildImage(project: ComposeProject): Promise<void> {
  await runTool(process.execPath, [ASSEMBLE])
  await project.compose(['build'], { timeoutMs: 120_000 })
}

async function waitUntilHealthy(project: ComposeProject): Promise<void> {
  const { stdout: id } = await project.compose(['ps', '-q', 'hotcell'])
  const deadline = Date.now() + 60_000
  let status = ''
  while (Date.now() < deadline) {
    const asked = await project.docker(['inspect', '--format', '{{.State.Health.Status}}', id.trim()])
    status = asked.stdout.trim()
    if (status === 'healthy') return
    await new Promise((resolve) => void setTimeout(resolve, 250))
  }
  const { stdout } = await project.compose(['logs', '--no-color', 'hotcell'])
  throw new Error(`The service is "${status}" after 60 s: ${stdout.slice(-3000)}`)
}

/** Sooner than the engine's own health check, which first asks after its interval. */
async function waitUntilReady(project: ComposeProject): Promise<void> {
  const deadline = Date.now() + 60_000
  let last: unknown = null
  while (Date.now() < deadline) {
    try {
      const { status } = await fetch(`${project.url}/health/ready`, { signal: AbortSignal.timeout(5000) })
      if (status === 200) return
      last = status
    } catch (error) {
      last = error
    }
    await new Promise((resolve) => void setTimeout(resolve, 100))
  }
  throw new Error('The service is not ready after 60 s', { cause: last })
}

async function call(url: string, key: string, body?: unknown): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(70_000),
  })
  return { status: answer.status, body: await answer.json() }
}

async function readFirstKey(project: ComposeProject): Promise<string> {
  const { stdout } = await project.compose(['logs', '--no-color', 'hotcell'])
  const key = /\bhk_[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])/.exec(stdout)?.[0]
  if (key === undefined) throw new Error(`No key in the log: ${stdout.slice(0, 2000)}`)
  return key
}

describe.runIf(COMPOSE !== null)('docker-compose.yml', () => {
  it('gives a service that runs a backtest as the host does, stops on SIGTERM, and remembers', async ({ expect }) => {
    await using cli = await createCliSandbox()
    const project = await createComposeProject(COMPOSE!)
    try {
      const [onHost] = await Promise.all([runOnHost(cli), buildImage(project)])
      const candles = ['candles', 'import', '/import/BTCUSDT-1h.csv']
      await project.compose(['run', '--rm', '-v', `${cli.cwd}:/import:ro`, 'hotcell', ...candles])
      await project.compose(['up', '--detach'])
      await waitUntilHealthy(project)
      const key = await readFirstKey(project)

      const config = await buildRawConfig(EXAMPLE, FLAGS)
      const submitted = await call(`${project.url}/v1/backtests?wait=60`, key, config)
      const job = `${project.url}/v1/backtests/${(submitted.body as JobView).id}`
      const result = await call(`${job}/result`, key)
      const stopped = await stopGracefully(project)
      await project.compose(['up', '--detach'])
      await waitUntilReady(project)
      const again = await call(job, key)
      const listed = await project.compose(['exec', '-T', 'hotcell', 'hotcell', 'runs', '--json'])

      expect(submitted, JSON.stringify(submitted.body)).toMatchObject({ status: 200, body: { state: 'completed' } })
      expect(result.body).toMatchObject({ fingerprint: onHost.fingerprint, outcome: { kind: 'ok' } })
      expect((result.body as Result).provenance.image, 'the container makes the very image').toEqual(
        onHost.provenance.image,
      )
      expect(stopped).toEqual({ code: 0, killed: false })
      expect(again).toMatchObject({ status: 200, body: { state: 'completed', fingerprint: onHost.fingerprint } })
      expect(listed.stdout).toContain((submitted.body as JobView).id)
      expect(await readLocks(project)).toEqual(LOCKED)
    } finally {
      await project.remove()
    }

    expect(await project.left()).toEqual([])
  })
})

async function stopGracefully(project: ComposeProject): Promise<{ code: number; killed: boolean }> {
  const { stdout: id } = await project.compose(['ps', '-q', 'hotcell'])
  const before = performance.now()
  await project.compose(['stop'])
  const wallMs = performance.now() - before
  const { stdout } = await project.docker(['inspect', '--format', '{{.State.ExitCode}}', id.trim()])
  // stop_grace_period is far above this: a kill would have taken that long.
  return { code: Number(stdout), killed: wallMs > 20_000 }
}

/** What the engine holds against the service itself. */
const LOCKED = {
  readOnly: true,
  dropped: ['ALL'],
  security: ['no-new-privileges:true'],
  restart: 'unless-stopped',
  addresses: ['127.0.0.1'],
  mounts: ['bind /var/run/docker.sock', 'volume /data'],
}

async function readLocks(project: ComposeProject): Promise<typeof LOCKED> {
  const { stdout: id } = await project.compose(['ps', '-q', 'hotcell'])
  const { stdout } = await project.docker(['inspect', id.trim()])
  const [facts] = JSON.parse(stdout) as [
    {
      HostConfig: {
        ReadonlyRootfs: boolean
        CapDrop: string[]
        SecurityOpt: string[]
        RestartPolicy: { Name: string }
        PortBindings: Record<string, { HostIp: string }[]>
      }
      Mounts: { Type: string; Destination: string }[]
    },
  ]
  const { HostConfig: host, Mounts: mounts } = facts
  return {
    readOnly: host.ReadonlyRootfs,
    dropped: host.CapDrop,
    security: host.SecurityOpt,
    restart: host.RestartPolicy.Name,
    addresses: Object.values(host.PortBindings).flatMap((bindings) => bindings.map(({ HostIp }) => HostIp)),
    mounts: mounts.map(({ Type, Destination }) => `${Type} ${Destination}`).sort(),
  }
}
