import { realpathSync } from 'node:fs'
import { Readable } from 'node:stream'
import { describe, it } from 'vitest'
import { connectEngine } from '../../../orchestrator-service/sandbox/docker-client.ts'
import { ensureImageFromBase } from '../../../orchestrator-service/sandbox/image/base-image.ts'
import { readElf } from '../../../orchestrator-service/sandbox/image/elf.ts'
import { packLayer } from '../../../orchestrator-service/sandbox/image/layer.ts'
import { readAnswer } from '../../../orchestrator-service/sandbox/image/load-image.ts'
import { RUNNER_PROGRAM } from '../../../orchestrator-service/sandbox/image/program.ts'
import { PROJECT_ROOT } from '../../../orchestrator-service/sandbox/image/project-root.ts'
import { collectRootFiles, type ImageFile } from '../../../orchestrator-service/sandbox/image/root-files.ts'
import { runPlainNode } from '../../support/plain-cell.ts'

const { docker } = connectEngine()
const TOOLS = ['sh', 'bash', 'ldd', 'cat', 'cp', 'mkdir', 'chmod', 'dirname', 'readlink', 'sed', 'sort']
const ON_DEBIAN = process.platform === 'linux' && process.arch === 'x64'
const BASE = `hotcell-test-base:p${process.pid}`

const at = (path: string, file: string): ImageFile => ({ path, mode: 0o555, content: { file } })

/** A small system with a shell and Node in its PATH, made from this machine's own files: there is no registry to ask. */
async function importBase(): Promise<void> {
  const root = collectRootFiles(PROJECT_ROOT, 'x64').filter(({ path }) => path.includes('/lib'))
  const tools = TOOLS.map((name) => at(`/usr/bin/${name}`, `/usr/bin/${name}`))
  const libraries = new Map(root.map((file) => [file.path, file]))
  const elfTools = TOOLS.filter((name) => name !== 'ldd').map((name) => `/usr/bin/${name}`)
  for (let file = elfTools.pop(); file !== undefined; file = elfTools.pop()) {
    for (const name of readElf(file).needed) {
      const path = `/lib/x86_64-linux-gnu/${name}`
      if (libraries.has(path) || name.startsWith('ld-')) continue
      libraries.set(path, at(path, path))
      elfTools.push(path)
    }
  }
  const shell = at('/bin/sh', '/usr/bin/sh')
  const bash = at('/bin/bash', '/usr/bin/bash')
  const node = at('/usr/local/bin/node', realpathSync(process.execPath))
  const tar = Readable.from(packLayer([...tools, shell, bash, node, ...libraries.values()]), { objectMode: false })
  const [repo, tag] = BASE.split(':')
  await readAnswer(await docker.importImage(tar, { repo, tag, changes: 'ENV PATH=/usr/local/bin:/usr/bin:/bin' }))
}

describe('ensureImageFromBase()', () => {
  it.runIf(ON_DEBIAN)('leaves all of the base behind but Node and its libraries, and runs', async ({ expect }) => {
    const program = {
      repository: 'hotcell-test',
      realm: 'open',
      spec: { ...RUNNER_PROGRAM, modules: { main: 'test/support/open-realm-main.ts' }, scripts: {} },
    } as const
    await importBase()
    try {
      const built = await ensureImageFromBase(docker, program, { base: BASE })
      const again = await ensureImageFromBase(docker, program, { base: BASE })
      const { stdout, stderr } = await runPlainNode(
        docker,
        built.ref,
        `import { readdirSync } from 'node:fs'
        const walk = (folder) => readdirSync(folder, { withFileTypes: true }).flatMap(({ name }) => {
          const path = folder + name
          if (/^\\/(proc|sys|dev|etc|\\.dockerenv)/.test(path) || /\\.so(\\.|$)/.test(path)) return []
          try { return [path, ...walk(path + '/')] } catch { return [path] }
        })
        console.log(JSON.stringify([process.getuid(), walk('/').sort()]))`,
      )
      const { Config } = await docker.getImage(built.ref).inspect()
      await docker.getImage(built.ref).remove()

      expect([built.built, again.built, again.id]).toEqual([true, false, built.id])
      expect(stderr).toBe('')
      expect(JSON.parse(stdout)).toEqual([
        65534,
        ['/app', '/app/isolated-vm.node', '/app/main.mjs', '/lib', '/lib/x86_64-linux-gnu', '/lib64', '/node'],
      ])
      expect(Config.Entrypoint).toEqual(RUNNER_PROGRAM.entrypoint)
    } finally {
      await docker.getImage(BASE).remove({ force: true })
    }
  })

  it('names a base that the engine does not hold', async ({ expect }) => {
    const program = { repository: 'hotcell-test', realm: 'open', spec: RUNNER_PROGRAM } as const

    await expect(ensureImageFromBase(docker, program, { base: 'hotcell-no-such-base:1' })).rejects.toMatchObject({
      code: 'image_build_failed',
      message: 'Cannot use base image "hotcell-no-such-base:1": the engine does not hold it',
    })
  })
})
