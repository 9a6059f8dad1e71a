import { setTimeout as sleep } from 'node:timers/promises'
import type { Duplex } from 'node:stream'
import { afterAll, afterEach, expect, test } from 'vitest'
import { connectEngine } from '../../../orchestrator-service/sandbox/docker-client.ts'
import { startCell } from '../../../orchestrator-service/sandbox/docker-driver.ts'
import { buildContainerSpec, LABEL } from '../../../orchestrator-service/sandbox/container-spec.ts'
import {
  attachContainer,
  createContainer,
  inspectContainer,
  removeContainer,
  startContainer,
} from '../../../orchestrator-service/sandbox/engine-calls.ts'
import { checkInspect } from '../../../orchestrator-service/sandbox/inspect-check.ts'
import { reconcile } from '../../../orchestrator-service/sandbox/reconcile.ts'
import type { SandboxPolicy } from '../../../orchestrator-service/sandbox/policy.ts'
import { openCellBench, policyWith } from '../../support/cells.ts'
import { startEngineProxy } from '../../support/engine-proxy.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'
import { ensureTestImage } from '../../support/test-image.ts'

const bench = openCellBench()
afterEach(async () => expect(await bench.left()).toEqual([]))
afterAll(async () => bench[Symbol.asyncDispose]())

async function createBare(changes: (spec: ReturnType<typeof buildContainerSpec>) => void = () => {}) {
  const { ref } = await ensureTestImage(bench.engine.docker)
  const cellId = `bare${Math.trunc(performance.now() * 1000)}`
  const spec = buildContainerSpec(policyWith(), {
    image: ref,
    instance: bench.instance,
    cellId,
    createdMs: 0,
    architecture: process.arch === 'arm64' ? 'arm64' : 'x64',
    networkId: null,
  })
  changes(spec)
  const id = await createContainer(bench.engine, spec)
  return { id, spec, [Symbol.asyncDispose]: async () => removeContainer(bench.engine, id) }
}

test('an attach without hijack loses the input silently, with it everything arrives', async () => {
  const seen: string[] = []
  for (const hijack of [true, false]) {
    await using cell = await createBare()
    const stream: Duplex = hijack
      ? await attachContainer(bench.engine, cell.id)
      : ((await bench.engine.docker
          .getContainer(cell.id)
          .attach({ stream: true, stdin: true, stdout: true, stderr: true })) as Duplex)
    let text = ''
    stream.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
    stream.on('error', () => {})
    await startContainer(bench.engine, cell.id)
    stream.write(`process.stdout.write('complete')`)
    stream.end()
    // What arrives does so in its own time; of what is lost nothing can be waited for
    if (hijack) while (!text.includes('complete') && !stream.destroyed) await sleep(20)
    else await sleep(1500)
    stream.destroy()
    seen.push(text.includes('complete') ? 'complete' : 'lost')
  }

  expect(seen).toEqual(['complete', 'lost'])
})

test('docker inspect shows what the policy says, in every setting that was asked for', async () => {
  await using cell = await createBare()

  const inspected = await inspectContainer(bench.engine, cell.id)

  expect(checkInspect(cell.spec, inspected)).toEqual([])
  expect(inspected.HostConfig).toMatchObject({
    NetworkMode: 'none',
    ReadonlyRootfs: true,
    PidsLimit: 64,
    Memory: 2 ** 31,
    MemorySwap: 2 ** 31,
    IpcMode: 'none',
    CapDrop: ['ALL'],
  })
})

test('a setting that the engine drops silently is found', async () => {
  await using cell = await createBare((spec) => Object.assign(spec.HostConfig, { UnheardOf: 5, PidsLimit: 0 }))

  const differences = checkInspect(cell.spec, await inspectContainer(bench.engine, cell.id))

  expect(differences).toEqual(['/HostConfig/PidsLimit: null, expected 0', '/HostConfig/UnheardOf: nothing, expected 5'])
})

test('a cell that cannot be created or started leaves nothing behind', async () => {
  const { ref } = await ensureTestImage(bench.engine.docker)
  const start = (policy: SandboxPolicy, image: string) => startCell(bench, { policy, image })
  const rule = { names: ['read'], action: 'SCMP_ACT_NONSENSE', comment: 'unknown to the engine' }
  const broken = { ...policyWith().seccomp, syscalls: [rule] } as unknown as SandboxPolicy['seccomp']

  await expect(start(policyWith(), 'hotcell-test:not-there')).rejects.toMatchObject({
    code: 'engine_unavailable',
    details: { status: 404 },
  })
  await expect(start(policyWith({ seccomp: broken }), ref)).rejects.toMatchObject({ code: 'engine_unavailable' })
  await expect(start(policyWith({ runtime: 'kata' }), ref)).rejects.toMatchObject({ code: 'policy_unavailable' })
  expect(await bench.left()).toEqual([])
})

test('an engine that is not there or does not answer is named', async () => {
  using directory = temporaryDirectory()
  const nobody = connectEngine({ env: { DOCKER_HOST: `unix://${directory.path}/none.sock` } })
  const proxy = await startEngineProxy(directory.path, bench.engine.endpoint.socketPath as string)
  proxy.freeze()
  const frozen = connectEngine({ env: { DOCKER_HOST: proxy.url }, callTimeMs: 500 })
  const { ref } = await ensureTestImage(bench.engine.docker)

  await expect(reconcile({ engine: nobody, instance: bench.instance })).rejects.toMatchObject({
    code: 'engine_unavailable',
  })
  await expect(
    startCell({ engine: frozen, instance: bench.instance }, { policy: policyWith(), image: ref }),
  ).rejects.toMatchObject({ code: 'engine_timeout' })
  proxy.close()
})

test('a create that succeeded although the call failed is found by its label', { timeout: 30_000 }, async () => {
  using directory = temporaryDirectory()
  const proxy = await startEngineProxy(directory.path, bench.engine.endpoint.socketPath as string)
  proxy.freezeAfter(/\/containers\/create/)
  const engine = connectEngine({ env: { DOCKER_HOST: proxy.url }, callTimeMs: 1000 })
  const { ref } = await ensureTestImage(bench.engine.docker)

  await expect(
    startCell({ engine, instance: bench.instance }, { policy: policyWith(), image: ref }),
  ).rejects.toMatchObject({ code: 'engine_timeout' })
  proxy.close()
  const removed = await reconcile({ engine: bench.engine, instance: bench.instance })

  expect(removed).toMatchObject([{ state: 'created', removed: true }])
})

test.for([
  ['without a cause of its own', 600_000, { kind: 'platform_error', reason: 'infra' }],
  ['after its wall time', 1500, { kind: 'limit_exceeded', reason: 'wall_time' }],
] as const)(
  'finished resolves in bounded time when the engine hangs, %s',
  { timeout: 60_000 },
  async ([, wallTimeMs, cause]) => {
    using directory = temporaryDirectory()
    const proxy = await startEngineProxy(directory.path, bench.engine.endpoint.socketPath as string)
    const engine = connectEngine({ env: { DOCKER_HOST: proxy.url }, callTimeMs: 1000 })
    const hanging = await bench.start({ engine, policy: policyWith({ wallTimeMs }) })

    proxy.freeze()
    const exit = await hanging.finished
    proxy.close()
    const removed = await reconcile({ engine: bench.engine, instance: bench.instance })

    expect(exit).toMatchObject({ cause, exitCode: null, removed: false })
    expect(removed).toMatchObject([{ cellId: hanging.id, removed: true }])
  },
)

test('reconcile removes what carries the own instance label and nothing else', async () => {
  await using mine = await createBare()
  await using other = await createBare((spec) => Object.assign(spec.Labels, { [LABEL.instance]: 'ffffffffffff' }))
  await using prefix = await createBare((spec) =>
    Object.assign(spec.Labels, { [LABEL.instance]: `${bench.instance}0` }),
  )
  await using alive = await createBare()
  const keep = new Set([alive.spec.Labels[LABEL.cell]])
  const lines: string[] = []

  const removed = await reconcile({
    engine: bench.engine,
    instance: bench.instance,
    keep: async () => (cellId) => keep.has(cellId),
    log: (line) => lines.push(line),
  })

  expect(removed.map(({ containerId }) => containerId)).toEqual([mine.id])
  expect(lines).toEqual([`Removed the created cell ${mine.spec.name} of an earlier run`])
  for (const { id } of [other, prefix, alive])
    expect((await inspectContainer(bench.engine, id)).State.Status).toBe('created')
})
