import { callEngine, type EngineClient, EngineError } from '../sandbox/docker-client.ts'

/** An image of a repository that no container has, running or not. */
export interface OldImage {
  readonly id: string
  /** Its tags in that repository. */
  readonly tags: readonly string[]
}

interface ListedImage {
  readonly Id: string
  readonly RepoTags: readonly string[] | null
}

/** @throws engine_unavailable, engine_timeout */
export async function findOldImages(
  engine: EngineClient,
  options: { readonly repository: string; readonly keep: ReadonlySet<string> },
): Promise<OldImage[]> {
  const { repository, keep } = options
  const [images, containers] = await Promise.all([
    callEngine<ListedImage[]>(engine, {
      action: 'list the images',
      method: 'GET',
      path: '/images/json',
      query: { filters: JSON.stringify({ reference: [repository] }) },
    }),
    callEngine<{ ImageID: string }[]>(engine, {
      action: 'list the containers',
      method: 'GET',
      path: '/containers/json',
      query: { all: true },
    }),
  ])
  const used = new Set(containers.map(({ ImageID }) => ImageID))
  return images
    .filter(({ Id }) => !used.has(Id) && !keep.has(Id))
    .map(({ Id, RepoTags }) => ({ id: Id, tags: (RepoTags ?? []).filter((tag) => tag.startsWith(`${repository}:`)) }))
    .filter(({ tags }) => tags.length > 0)
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** Takes away the tags of an image, and with the last one the image. Never by force: false when somebody uses it by now. */
export async function removeOldImage(engine: EngineClient, { tags }: OldImage): Promise<boolean> {
  for (const tag of tags) {
    try {
      await callEngine(engine, {
        action: `remove image ${tag}`,
        method: 'DELETE',
        path: `/images/${tag}`,
        query: { force: false, noprune: false },
      })
    } catch (error) {
      if (error instanceof EngineError && error.status === 404) continue
      if (error instanceof EngineError && error.status === 409) return false
      throw error
    }
  }
  return true
}
