import { join } from 'node:path'
import type Docker from 'dockerode'
import { PlatformError } from '../../../src/errors.ts'
import { ensureImageFromBase } from './base-image.ts'
import type { EnsuredImage, EnsureOptions, ImageProgram } from './image-types.ts'
import { readNote, stampFiles, writeNote } from './file-stamps.ts'
import { type ImagePlan, planImage } from './image-tar.ts'
import { type LayerFacts, measureLayer } from './layer.ts'
import { inspectImage, loadImage } from './load-image.ts'
import { PROJECT_ROOT } from './project-root.ts'
import { bundleProgram, type Program, RUNNER_PROGRAM } from './program.ts'
import { collectRootFiles, type ImageArch, type ImageFile } from './root-files.ts'

/*
 * Theory of operation
 *
 * An image is two layers: the root (Node, addon, shared objects; 150 MiB, the same for every program) and the program
 * (bundles; below 1 MiB). Both are written as tars whose bytes follow from the files alone; the config names them by
 * hash, and the tag is the hash of the config. So a tag stands for one content, and an image whose tag is there with
 * these layers is what a build would give: nothing is built.
 *
 * To know the tag, the content must be hashed. That is paid once: notes under node_modules/.cache keep the hashes
 * together with a stamp (size, times, inode) of every file that went in. A note is a hint: when a stamp differs or the
 * note is gone, the files are read again, and the result is the same.
 *
 * The engine holds the root layer after the first load, so a changed program is sent without it; an engine that does
 * not hold it refuses, and then everything is sent.
 */

interface RootNote {
  readonly stamp: string
  readonly facts: LayerFacts
}
interface ProgramNote {
  readonly stamp: string
  readonly sources: readonly string[]
  readonly ref: string
  readonly digest: string
  readonly layers: readonly string[]
}

export const PRODUCT_REPOSITORY = 'hotcell-runner'

/** The runner image of this project: there when this returns. Never builds what the engine holds already. */
export async function ensureImage(docker: Docker, options: EnsureOptions = {}): Promise<EnsuredImage> {
  const program: ImageProgram = { repository: PRODUCT_REPOSITORY, realm: 'sealed', spec: RUNNER_PROGRAM }
  if (options.base !== undefined) return ensureImageFromBase(docker, program, { ...options, base: options.base })

  const noteName = `image-${PRODUCT_REPOSITORY}`
  const note = readNote(PROJECT_ROOT, noteName) as ProgramNote | null
  if (note && stampFiles(listInputs(note.sources)) === note.stamp) {
    const found = await inspectImage(docker, note.ref)
    if (found && sameLayers(found.layers, note.layers)) {
      return { ref: note.ref, id: found.id, digest: note.digest, built: false }
    }
  }

  const { plan, sources } = await assembleImage(program)
  const stamp = stampFiles(listInputs(sources))
  const image = await loadUnlessThere(docker, plan, options.log)
  writeNote(PROJECT_ROOT, noteName, {
    stamp: stamp ?? '',
    sources,
    ref: plan.ref,
    digest: plan.digest,
    layers: plan.layers.map((layer) => layer.diffId),
  } satisfies ProgramNote)
  return image
}

/** Bundles and measures an image without asking an engine. */
export async function assembleImage(program: ImageProgram): Promise<{ plan: ImagePlan; sources: Program['sources'] }> {
  const arch = localArch()
  const { files, sources } = await bundleProgram(program.spec, program.overrides)
  const replaced = new Map([...files, ...(program.files ?? [])].map((file) => [file.path, file]))
  const programFiles = [...replaced.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
  const rootFiles = collectRootFiles(PROJECT_ROOT, arch)
  const layers = [
    { files: rootFiles, ...(await measureRoot(rootFiles)) },
    { files: programFiles, ...(await measureLayer(programFiles)) },
  ]
  const { repository, realm } = program
  return { plan: planImage({ repository, realm, arch, entrypoint: program.spec.entrypoint, layers }), sources }
}

export async function loadUnlessThere(
  docker: Docker,
  plan: ImagePlan,
  log: (line: string) => void = () => {},
): Promise<EnsuredImage> {
  const wanted = plan.layers.map((layer) => layer.diffId)
  const there = await inspectImage(docker, plan.ref)
  if (there && sameLayers(there.layers, wanted))
    return { ref: plan.ref, id: there.id, digest: plan.digest, built: false }

  log(`loading image ${plan.ref}`)
  const root = new Set(wanted.slice(0, 1))
  const engineHoldsRoot =
    (readNote(PROJECT_ROOT, 'engine-layers') as string[] | null)?.includes(wanted[0] ?? '') ?? false
  if (engineHoldsRoot) await loadImage(docker, plan, root).catch(async () => loadImage(docker, plan))
  else await loadImage(docker, plan)

  const loaded = await inspectImage(docker, plan.ref)
  if (!loaded || !sameLayers(loaded.layers, wanted)) {
    throw new PlatformError('image_build_failed', `Cannot load image "${plan.ref}": the engine holds other layers`)
  }
  writeNote(PROJECT_ROOT, 'engine-layers', wanted.slice(0, 1))
  return { ref: plan.ref, id: loaded.id, digest: plan.digest, built: true }
}

async function measureRoot(files: readonly ImageFile[]): Promise<LayerFacts> {
  const stamp = stampFiles(files.flatMap(({ content }) => ('file' in content ? [content.file] : [])))
  const note = readNote(PROJECT_ROOT, 'root-layer') as RootNote | null
  if (note && note.stamp === stamp) return note.facts
  const facts = await measureLayer(files)
  if (stamp !== null) writeNote(PROJECT_ROOT, 'root-layer', { stamp, facts } satisfies RootNote)
  return facts
}

/** Every file whose change may change the image: sources, what lists them, the root, and the code that assembles. */
function listInputs(sources: readonly string[]): string[] {
  const assembling = ['elf', 'root-files', 'program', 'layer', 'image-tar', 'ensure-image']
  const rootFiles = collectRootFiles(PROJECT_ROOT, localArch())
  return [
    ...sources.map((source) => join(PROJECT_ROOT, source)),
    join(PROJECT_ROOT, 'package-lock.json'),
    ...assembling.map((name) => join(import.meta.dirname, `${name}.ts`)),
    ...rootFiles.flatMap(({ content }) => ('file' in content ? [content.file] : [])),
  ]
}

export function localArch(): ImageArch {
  if (process.platform === 'linux' && (process.arch === 'x64' || process.arch === 'arm64')) return process.arch
  throw new PlatformError(
    'image_build_failed',
    `Cannot assemble the runner image on "${process.platform}-${process.arch}": it has no Linux Node, expected linux-x64 or linux-arm64`,
    { hint: 'Name an image that holds Node 26 and glibc with --base IMAGE or HOTCELL_BASE_IMAGE' },
  )
}

function sameLayers(found: readonly string[], wanted: readonly string[]): boolean {
  return found.length === wanted.length && found.every((layer, index) => layer === wanted[index])
}
