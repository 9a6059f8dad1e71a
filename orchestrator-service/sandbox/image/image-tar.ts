import { createHash } from 'node:crypto'
import { type LayerFacts, packLayer, packTar, writeBytes, writeEntry } from './layer.ts'
import type { ImageArch, ImageFile } from './root-files.ts'

export interface ImageLayer extends LayerFacts {
  readonly files: readonly ImageFile[]
}

/** Everything that decides what the image is, measured, not yet written. */
export interface ImagePlan {
  /** `repository:hash16`; the hash is that of the config, which names every layer by its content. */
  readonly ref: string
  /** `sha256:…` of the config. */
  readonly digest: string
  readonly config: Buffer
  readonly layers: readonly ImageLayer[]
}

export interface PlanOptions {
  readonly repository: string
  readonly arch: ImageArch
  readonly entrypoint: readonly string[]
  /** Kept as a label: `sealed` for the product, `open` for test images. */
  readonly realm: 'sealed' | 'open'
  readonly layers: readonly ImageLayer[]
}

const ENGINE_ARCH: Readonly<Record<ImageArch, string>> = { x64: 'amd64', arm64: 'arm64' }

/** The image's config as the engine reads it, and the name that follows from it. */
export function planImage(options: PlanOptions): ImagePlan {
  const created = '1970-01-01T00:00:00Z'
  const config = Buffer.from(
    JSON.stringify({
      architecture: ENGINE_ARCH[options.arch],
      os: 'linux',
      created,
      config: {
        User: '65534:65534',
        WorkingDir: '/',
        Entrypoint: options.entrypoint,
        Labels: { 'hotcell.realm': options.realm },
      },
      rootfs: { type: 'layers', diff_ids: options.layers.map((layer) => layer.diffId) },
      history: options.layers.map(() => ({ created, created_by: 'hotcell' })),
    }),
  )
  const hash = createHash('sha256').update(config).digest('hex')
  return {
    ref: `${options.repository}:${hash.slice(0, 16)}`,
    digest: `sha256:${hash}`,
    config,
    layers: options.layers,
  }
}

/**
 * The image in the form of `docker save`: config, one tar a layer, manifest. The same plan gives the same bytes.
 * @param leftOut layers (diffIds) that the engine is known to hold; an engine that misses one refuses the tar
 */
export function buildImageTar(plan: ImagePlan, leftOut: ReadonlySet<string> = new Set()): AsyncIterable<Uint8Array> {
  const configName = fileName(plan.digest, 'json')
  const layerNames = plan.layers.map(({ diffId }) => fileName(diffId, 'tar'))
  const manifest = [{ Config: configName, RepoTags: [plan.ref], Layers: layerNames }]

  return packTar(async (tar) => {
    await writeBytes(tar, configName, plan.config)
    for (const layer of plan.layers.filter(({ diffId }) => !leftOut.has(diffId))) {
      const header = { name: fileName(layer.diffId, 'tar'), mode: 0o444, size: layer.bytes }
      await writeEntry(tar, header, { stream: packLayer(layer.files) })
    }
    await writeBytes(tar, 'manifest.json', Buffer.from(JSON.stringify(manifest)))
  })
}

/** Files of the archive bear the hash alone. */
function fileName(digest: string, extension: string): string {
  return `${digest.slice('sha256:'.length)}.${extension}`
}
