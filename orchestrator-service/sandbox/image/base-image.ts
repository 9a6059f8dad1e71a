import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type Docker from 'dockerode'
import { PlatformError } from '../../../src/errors.ts'
import type { EnsuredImage, EnsureOptions, ImageProgram } from './image-types.ts'
import { measureLayer, packLayer, packTar, writeBytes } from './layer.ts'
import { engineError, inspectImage, readAnswer } from './load-image.ts'
import { bundleProgram } from './program.ts'
import { PROJECT_ROOT } from './project-root.ts'
import { ADDON_PATH, findAddon, type ImageArch, type ImageFile } from './root-files.ts'

const BUILD_TIMEOUT_MS = 300_000
const ARCHS: Readonly<Record<string, ImageArch>> = { amd64: 'x64', arm64: 'arm64' }
/** The isolated-vm ABI of Node 26, which the base must hold. */
const BASE_ABI = '147'

/**
 * Builds the image with the engine's builder from a named base (a glibc system with Node 26 and a shell): Node and the
 * shared objects that `ldd` names are copied into an empty root, so that shell and package manager stay behind.
 * Not byte-identical to an assembled image: the tag covers the base's id and our own files.
 */
export async function ensureImageFromBase(
  docker: Docker,
  program: ImageProgram,
  options: EnsureOptions & { base: string },
): Promise<EnsuredImage> {
  const base = await inspectBase(docker, options.base)
  const { files } = await bundleProgram(program.spec, program.overrides)
  const addon = readFileSync(findAddon(PROJECT_ROOT, base.arch, BASE_ABI))
  const programFiles: ImageFile[] = [...files, { path: ADDON_PATH, mode: 0o555, content: { bytes: addon } }]
  const dockerfile = readFileSync(join(PROJECT_ROOT, 'runner-image/Dockerfile'), 'utf8').replaceAll(
    '"ENTRYPOINT"',
    program.spec.entrypoint.map((word) => JSON.stringify(word)).join(', '),
  )
  const { diffId } = await measureLayer(programFiles)
  const hash = createHash('sha256').update([base.id, diffId, dockerfile].join('\n')).digest('hex')
  const ref = `${program.repository}:${hash.slice(0, 16)}`

  const there = await inspectImage(docker, ref)
  if (there) return { ref, id: there.id, digest: there.id, built: false }
  options.log?.(`building image ${ref} from ${options.base}`)
  await buildFromContext(docker, { ref, base: options.base, files: programFiles, dockerfile })
  const built = await inspectImage(docker, ref)
  if (!built) throw new PlatformError('image_build_failed', `Cannot build image "${ref}": the engine does not hold it`)
  return { ref, id: built.id, digest: built.id, built: true }
}

async function inspectBase(docker: Docker, base: string): Promise<{ id: string; arch: ImageArch }> {
  const facts = await inspectImage(docker, base)
  const arch = ARCHS[facts?.arch ?? '']
  if (facts && arch !== undefined) return { id: facts.id, arch }
  const found = facts ? `it is for ${facts.arch}, expected amd64 or arm64` : 'the engine does not hold it'
  throw new PlatformError('image_build_failed', `Cannot use base image "${base}": ${found}`, {
    hint: 'Fetch it first, or name another one with --base IMAGE',
  })
}

async function buildFromContext(
  docker: Docker,
  build: { ref: string; base: string; files: readonly ImageFile[]; dockerfile: string },
): Promise<void> {
  const program: Uint8Array[] = []
  for await (const chunk of packLayer(build.files)) program.push(chunk)
  const context = Readable.from(
    packTar(async (tar) => {
      await writeBytes(tar, 'Dockerfile', Buffer.from(build.dockerfile))
      await writeBytes(tar, 'program.tar', Buffer.concat(program))
    }),
    { objectMode: false },
  )
  try {
    const answer = await docker.buildImage(context, {
      t: build.ref,
      buildargs: { BASE: build.base },
      networkmode: 'none',
      rm: true,
      forcerm: true,
      abortSignal: AbortSignal.timeout(BUILD_TIMEOUT_MS),
    })
    await readAnswer(answer)
    // The classic builder keeps the first stage, untagged, as its cache: as large as the base itself.
    await docker.pruneImages({ filters: { dangling: { true: true }, label: { 'hotcell.stage=base': true } } })
  } catch (cause) {
    throw engineError(`Cannot build image "${build.ref}" from "${build.base}"`, cause)
  } finally {
    context.destroy()
  }
}
