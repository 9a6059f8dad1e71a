import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { build, type BuildOptions, type BuildResult, type Plugin } from 'esbuild'
import { PlatformError } from '../../../src/errors.ts'
import { PROJECT_ROOT } from './project-root.ts'
import type { ImageFile } from './root-files.ts'

/** What stands in /app and how it is started. Sources are relative to the project root. */
export interface ProgramSpec {
  /** Name -> source: ES modules (/app/NAME.mjs) that share code through chunks. */
  readonly modules: Readonly<Record<string, string>>
  /** Name -> source: one classic script each (/app/NAME.js), read as text and evaluated inside an isolate. */
  readonly scripts: Readonly<Record<string, string>>
  readonly entrypoint: readonly string[]
}

export interface Program {
  readonly files: readonly ImageFile[]
  /** Every source file that went in, relative to the project root, sorted. */
  readonly sources: readonly string[]
}

export const RUNNER_PROGRAM: ProgramSpec = {
  modules: { main: 'runner-image/main.ts', worker: 'runner-image/worker.ts' },
  scripts: { realm: 'runner-image/realm/entry.ts' },
  entrypoint: [
    '/node',
    // isolated-vm needs isolates that do not start from Node's own heap snapshot.
    '--no-node-snapshot',
    // Stripping types warns on stderr, where only event lines may stand.
    '--disable-warning=ExperimentalWarning',
    '--max-semi-space-size=16',
    '/app/main.mjs',
  ],
}

/**
 * Bundles the program files. The output depends on the sources alone: paths in it are relative to the project root and
 * no tsconfig is read. Not minified, so that an error inside the cell names functions that exist.
 * @param overrides project-relative path -> text that takes the place of that source (attack images only)
 * @throws PlatformError image_build_failed with file and line
 */
export async function bundleProgram(
  spec: ProgramSpec,
  overrides: Readonly<Record<string, string>> = {},
): Promise<Program> {
  const plugins = [overridePlugin(overrides)]
  const results = await Promise.all([
    runBuild({ ...COMMON, ...MODULE_FORM, plugins, entryPoints: entryPoints(spec.modules) }),
    ...Object.entries(spec.scripts).map(async ([name, source]) =>
      runBuild({ ...COMMON, ...SCRIPT_FORM, plugins, entryPoints: entryPoints({ [name]: source }) }),
    ),
  ])
  const files = results.flatMap(({ outputFiles }) =>
    outputFiles.map(({ path, contents }): ImageFile => ({
      path: `/app/${basename(path)}`,
      mode: 0o444,
      content: { bytes: contents },
    })),
  )
  const sources = new Set(results.flatMap(({ metafile }) => Object.keys(metafile.inputs)))
  return {
    files: files.sort((a, b) => (a.path < b.path ? -1 : 1)),
    sources: [...sources].filter((source) => existsSync(join(PROJECT_ROOT, source))).sort(),
  }
}

type CellBuild = BuildOptions & { write: false; metafile: true }

const COMMON = {
  absWorkingDir: PROJECT_ROOT,
  bundle: true,
  write: false,
  metafile: true,
  outdir: 'app',
  target: 'node26',
  charset: 'utf8',
  // Notices of others' code must go with every copy of it
  legalComments: 'eof',
  logLevel: 'silent',
  tsconfigRaw: {},
  // The addon is loaded by its path in the image; its package would look for it in folders that are not there.
  external: ['isolated-vm', '*.node'],
} satisfies CellBuild
const MODULE_FORM = {
  format: 'esm',
  platform: 'node',
  splitting: true,
  outExtension: { '.js': '.mjs' },
  chunkNames: 'chunk-[hash]',
} satisfies BuildOptions
const SCRIPT_FORM = { format: 'iife', platform: 'neutral', mainFields: ['module', 'main'] } satisfies BuildOptions

function entryPoints(named: Readonly<Record<string, string>>): { in: string; out: string }[] {
  return Object.entries(named).map(([name, source]) => ({ in: source, out: name }))
}

async function runBuild(options: CellBuild): Promise<BuildResult<CellBuild>> {
  try {
    return await build(options)
  } catch (cause) {
    throw new PlatformError('image_build_failed', `Cannot bundle a program: ${describe(cause)}`, { cause })
  }
}

function overridePlugin(overrides: Readonly<Record<string, string>>): Plugin {
  const texts = new Map(Object.entries(overrides).map(([path, text]) => [join(PROJECT_ROOT, path), text]))
  return {
    name: 'overrides',
    setup(builder) {
      if (texts.size === 0) return
      builder.onLoad({ filter: /\.[cm]?[jt]s$/ }, ({ path }) => {
        const contents = texts.get(path)
        return contents === undefined ? undefined : { contents, loader: 'ts' }
      })
    },
  }
}

function describe(cause: unknown): string {
  const { errors } = cause as { errors?: { text: string; location: { file: string; line: number } | null }[] }
  const first = errors?.[0]
  if (!first) return cause instanceof Error ? cause.message : String(cause)
  return first.location ? `${first.location.file}:${first.location.line}: ${first.text}` : first.text
}
