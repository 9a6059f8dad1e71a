import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { describe, it } from 'vitest'
import { findOldImages, removeOldImage } from '../../../orchestrator-service/admin/old-images.ts'
import { connectEngine } from '../../../orchestrator-service/sandbox/docker-client.ts'

const engine = connectEngine()
const { docker } = engine

/** An image without a file in it. */
async function makeImage(repo: string, tag: string): Promise<string> {
  const answer = await docker.importImage(Readable.from([Buffer.alloc(1024)], { objectMode: false }), { repo, tag })
  for await (const _ of answer) {
    // The image is there at the end of the answer
  }
  return (await docker.getImage(`${repo}:${tag}`).inspect()).Id
}

async function isThere(name: string): Promise<boolean> {
  return await docker
    .getImage(name)
    .inspect()
    .then(
      () => true,
      () => false,
    )
}

describe('old images', () => {
  it('are those of one repository that nobody has and that are not kept', { timeout: 60_000 }, async ({ expect }) => {
    const repository = `hotcell-prune-test-${randomBytes(4).toString('hex')}`
    const foreign = `${repository}-other`
    const kept = await makeImage(repository, 'kept')
    const used = await makeImage(repository, 'used')
    const shared = await makeImage(repository, 'shared')
    await docker.getImage(shared).tag({ repo: foreign, tag: 'mine' })
    const plain = await makeImage(repository, 'plain')
    const container = await docker.createContainer({ Image: used, Cmd: ['/nothing'] })
    try {
      const found = await findOldImages(engine, { repository, keep: new Set([kept]) })
      const removed = []
      for (const image of found) removed.push(await removeOldImage(engine, image))
      const byForce = await removeOldImage(engine, { id: used, tags: [`${repository}:used`] })

      expect(found).toEqual(
        [
          { id: plain, tags: [`${repository}:plain`] },
          { id: shared, tags: [`${repository}:shared`] },
        ].sort((a, b) => (a.id < b.id ? -1 : 1)),
      )
      expect(removed).toEqual([true, true])
      expect(byForce).toBe(false)
      expect(await isThere(plain)).toBe(false)
      expect(await isThere(`${repository}:shared`)).toBe(false)
      expect(await isThere(`${foreign}:mine`)).toBe(true)
      expect(await isThere(`${repository}:kept`)).toBe(true)
      expect(await isThere(`${repository}:used`)).toBe(true)
    } finally {
      await container.remove({ force: true })
      for (const name of [`${repository}:kept`, `${repository}:used`, `${foreign}:mine`])
        if (await isThere(name)) await docker.getImage(name).remove()
    }
  })
})
