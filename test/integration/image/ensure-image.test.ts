import { createHash, randomUUID } from 'node:crypto'
import { extract } from 'tar-stream'
import { describe, it } from 'vitest'
import { connectEngine } from '../../../orchestrator-service/sandbox/docker-client.ts'
import { assembleImage, ensureImage } from '../../../orchestrator-service/sandbox/image/ensure-image.ts'
import { buildImageTar } from '../../../orchestrator-service/sandbox/image/image-tar.ts'
import { RUNNER_PROGRAM } from '../../../orchestrator-service/sandbox/image/program.ts'
import { ensureTestImage } from '../../support/test-image.ts'
import { runPlainNode } from '../../support/plain-cell.ts'

const { docker } = connectEngine()

interface Entry {
  readonly name: string
  readonly type: string
  readonly mode: number
  readonly owner: string
}

/** What a container of the image has on its disk, as the engine itself exports it. */
async function listRoot(ref: string): Promise<Entry[]> {
  const container = await docker.createContainer({ Image: ref, NetworkDisabled: true })
  try {
    const entries: Entry[] = []
    const reader = extract()
    const reading = (async () => {
      for await (const entry of reader) {
        const { name, type, mode, uid, gid } = entry.header
        entries.push({ name, type, mode, owner: `${uid}:${gid}` })
        entry.resume()
      }
    })()
    const stream = await container.export()
    for await (const chunk of stream) reader.write(chunk)
    reader.end(null)
    await reading
    return entries
  } finally {
    await container.remove({ force: true })
  }
}

/** Put there by the engine in every container, not by an image. */
const BY_ENGINE = /^(\.dockerenv|dev\/|proc\/|sys\/|etc\/)/

describe('ensureImage()', () => {
  it('holds Node, its libraries and the program: root-owned, read-only, nothing setuid', async ({ expect }) => {
    const { ref } = await ensureImage(docker)

    const entries = (await listRoot(ref)).filter(({ name }) => !BY_ENGINE.test(name))
    const files = entries.filter(({ type }) => type === 'file').map(({ name }) => name)

    expect(entries.filter(({ owner }) => owner !== '0:0')).toEqual([])
    expect(entries.filter(({ mode }) => (mode & 0o7222) !== 0)).toEqual([])
    expect(entries.filter(({ type }) => type !== 'file' && type !== 'directory')).toEqual([])
    expect(
      files.filter((name) => !/^(node|app\/[a-z0-9-]+\.(mjs|js|node)|(usr\/)?lib(64)?\/.*\.so(\.\d+)*)$/i.test(name)),
    ).toEqual([])
    expect(files).toEqual(expect.arrayContaining(['node', 'app/main.mjs', 'app/worker.mjs', 'app/realm.js']))
  })

  it('starts as nobody, without volumes, ports or environment', async ({ expect }) => {
    const { ref } = await ensureImage(docker)

    const { Config } = await docker.getImage(ref).inspect()

    expect(Config.User).toBe('65534:65534')
    expect(Config.Entrypoint).toEqual(RUNNER_PROGRAM.entrypoint)
    expect(Config.Labels).toEqual({ 'hotcell.realm': 'sealed' })
    expect([Config.Volumes ?? {}, Config.ExposedPorts ?? {}, Config.Env ?? [], Config.Cmd ?? []]).toEqual([
      {},
      {},
      [],
      [],
    ])
  })

  it('builds nothing when the image is there, and is quick about it', async ({ expect }) => {
    await ensureImage(docker)

    const started = performance.now()
    const second = await ensureImage(docker)

    expect(second.built).toBe(false)
    expect(performance.now() - started).toBeLessThan(200)
  })

  it('answers alike to callers at the same time', async ({ expect }) => {
    const answers = await Promise.all([ensureImage(docker), ensureImage(docker), ensureImage(docker)])

    expect(new Set(answers.map(({ id }) => id)).size).toBe(1)
  })

  it('can never return a test image', async ({ expect }) => {
    const product = await ensureImage(docker)
    const open = await ensureTestImage(docker)
    const runner = await ensureTestImage(docker, { entry: 'runner' })

    expect(product.ref).toMatch(/^hotcell-runner:[0-9a-f]{16}$/)
    for (const test of [open, runner]) {
      expect(test.ref).toMatch(/^hotcell-test:[0-9a-f]{16}$/)
      expect(test.id).not.toBe(product.id)
    }
  })
})

describe('buildImageTar()', () => {
  it('gives the same bytes for the same inputs, from two assemblies', async ({ expect }) => {
    const hashes: string[] = []
    for (const _ of [1, 2]) {
      const { plan } = await assembleImage({ repository: 'hotcell-runner', realm: 'sealed', spec: RUNNER_PROGRAM })
      const hash = createHash('sha256')
      for await (const chunk of buildImageTar(plan)) hash.update(chunk)
      hashes.push(hash.digest('hex'))
    }

    expect(hashes[0]).toBe(hashes[1])
  })
})

describe('ensureTestImage()', () => {
  it('is the same image again after the engine lost it', async ({ expect }) => {
    const files = { 'mark.txt': randomUUID() }
    const first = await ensureTestImage(docker, { files })
    await docker.getImage(first.ref).remove()
    const second = await ensureTestImage(docker, { files })
    await docker.getImage(first.ref).remove()

    expect(second).toEqual(first)
    expect(second.built).toBe(true)
  })

  it('runs its stdin as plain Node, as nobody', async ({ expect }) => {
    const { ref } = await ensureTestImage(docker)

    const { stdout, exitCode } = await runPlainNode(
      docker,
      ref,
      `
      import { readdirSync } from 'node:fs'
      console.log(JSON.stringify([process.getuid(), process.versions.node, readdirSync('/app').sort()]))
    `,
    )

    expect(JSON.parse(stdout)).toEqual([65534, process.versions.node, ['isolated-vm.node', 'main.mjs']])
    expect(exitCode).toBe(0)
  })

  it('loads the addon in the image', async ({ expect }) => {
    const { ref } = await ensureTestImage(docker)

    const { stdout } = await runPlainNode(
      docker,
      ref,
      `
      import { createRequire } from 'node:module'
      const { ivm } = createRequire('file:///app/main.mjs')('./isolated-vm.node')
      const context = new ivm.Isolate({ memoryLimit: 16 }).createContextSync()
      console.log(context.evalSync('6 * 7'))
    `,
    )

    expect(stdout).toBe('42\n')
  })

  it('bundles another text in the place of a source', async ({ expect }) => {
    const sources = { 'test/support/open-realm-main.ts': "console.log('in its place')" }
    const { ref } = await ensureTestImage(docker, { sources })

    const { stdout } = await runPlainNode(docker, ref, '')
    await docker.getImage(ref).remove()

    expect(stdout).toBe('in its place\n')
  })
})
