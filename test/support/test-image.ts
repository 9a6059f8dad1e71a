import type Docker from 'dockerode'
import { relative } from 'node:path'
import { assembleImage, loadUnlessThere } from '../../orchestrator-service/sandbox/image/ensure-image.ts'
import type { EnsuredImage } from '../../orchestrator-service/sandbox/image/image-types.ts'
import { RUNNER_PROGRAM } from '../../orchestrator-service/sandbox/image/program.ts'
import { PROJECT_ROOT } from '../../orchestrator-service/sandbox/image/project-root.ts'

/** A repository that no code of the product names: `ensureImage` can never return one of these. */
const TEST_REPOSITORY = 'hotcell-test'

export interface TestImageOptions {
  /**
   * `open` (A): the cell reads its stdin to EOF and runs it as an ES module, plain Node.
   * `runner`: the real runner. Anything else: a TypeScript file that is bundled in the place of main.
   */
  readonly entry?: 'open' | 'runner' | (string & {})
  /** Files of /app by name, beside the bundles or in their place: `{ 'worker.mjs': '…' }`. */
  readonly files?: Readonly<Record<string, string>>
  /** Project-relative source path -> text that is bundled in its place: the real runner with one part changed. */
  readonly sources?: Readonly<Record<string, string>>
}

/** An image with the product's root and start flags, but a program of the test's choice; loaded when this returns. */
export async function ensureTestImage(docker: Docker, options: TestImageOptions = {}): Promise<EnsuredImage> {
  const entry = options.entry ?? 'open'
  const open = entry === 'open' ? 'test/support/open-realm-main.ts' : relative(PROJECT_ROOT, entry)
  const spec = entry === 'runner' ? RUNNER_PROGRAM : { ...RUNNER_PROGRAM, modules: { main: open }, scripts: {} }
  const files = Object.entries(options.files ?? {}).map(
    ([name, text]) => ({ path: `/app/${name}`, mode: 0o444, content: { bytes: Buffer.from(text) } }) as const,
  )
  const { plan } = await assembleImage({
    repository: TEST_REPOSITORY,
    realm: 'open',
    spec,
    files,
    overrides: options.sources ?? {},
  })
  return loadUnlessThere(docker, plan)
}
