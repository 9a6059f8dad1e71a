import { createHash } from 'node:crypto'
import { describe, it } from 'vitest'
import { buildImageTar, planImage, type PlanOptions } from '../../../orchestrator-service/sandbox/image/image-tar.ts'
import { measureLayer } from '../../../orchestrator-service/sandbox/image/layer.ts'
import type { ImageFile } from '../../../orchestrator-service/sandbox/image/root-files.ts'

const layerOf = async (content: string) => {
  const files: ImageFile[] = [{ path: '/app/main.mjs', mode: 0o444, content: { bytes: Buffer.from(content) } }]
  return { files, ...(await measureLayer(files)) }
}
const options = async (changes: Partial<PlanOptions> = {}): Promise<PlanOptions> => ({
  repository: 'hotcell-unit',
  arch: 'x64',
  entrypoint: ['/node', '/app/main.mjs'],
  realm: 'sealed',
  layers: [await layerOf('a'), await layerOf('b')],
  ...changes,
})
const hashOf = async (stream: AsyncIterable<Uint8Array>) => {
  const hash = createHash('sha256')
  for await (const chunk of stream) hash.update(chunk)
  return hash.digest('hex')
}

describe('planImage()', () => {
  it('runs as nobody, from the root folder, with no volume, port or environment', async ({ expect }) => {
    const plan = planImage(await options())
    const { config } = JSON.parse(plan.config.toString()) as { config: object }

    expect(config).toEqual({
      User: '65534:65534',
      WorkingDir: '/',
      Entrypoint: ['/node', '/app/main.mjs'],
      Labels: { 'hotcell.realm': 'sealed' },
    })
  })

  it('names the image by the hash of its config', async ({ expect }) => {
    const plan = planImage(await options())
    const hash = createHash('sha256').update(plan.config).digest('hex')

    expect(plan.digest).toBe(`sha256:${hash}`)
    expect(plan.ref).toBe(`hotcell-unit:${hash.slice(0, 16)}`)
  })

  it('changes its name with a layer, the start command and the realm', async ({ expect }) => {
    const names = [
      planImage(await options()),
      planImage(await options({ layers: [await layerOf('a'), await layerOf('c')] })),
      planImage(await options({ entrypoint: ['/node', '--x', '/app/main.mjs'] })),
      planImage(await options({ realm: 'open' })),
    ].map((plan) => plan.digest)

    expect(new Set(names).size).toBe(4)
  })
})

describe('buildImageTar()', () => {
  it('gives the same bytes for the same plan', async ({ expect }) => {
    const plan = planImage(await options())

    expect(await hashOf(buildImageTar(plan))).toBe(await hashOf(buildImageTar(planImage(await options()))))
  })

  it('leaves out only the layers that it is told to', async ({ expect }) => {
    const plan = planImage(await options())
    let bytes = 0
    for await (const chunk of buildImageTar(plan, new Set([plan.layers[0]?.diffId ?? '']))) bytes += chunk.byteLength
    let whole = 0
    for await (const chunk of buildImageTar(plan)) whole += chunk.byteLength

    expect(whole - bytes).toBe(512 + Math.ceil((plan.layers[0]?.bytes ?? 0) / 512) * 512)
  })
})
