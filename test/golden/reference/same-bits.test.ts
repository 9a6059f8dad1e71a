import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { PROJECT_ROOT } from '../../../orchestrator-service/sandbox/image/project-root.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

const WORKERS = 8
const LIMITS = { timeout: 100_000, maxBuffer: 64 * 1024 }

interface Said {
  readonly version: string
  readonly records: number
  readonly sha256: string
}

const run = promisify(execFile)
const majorOf = (version: string): string => version.split('.')[0]!

async function sayVersion(node: string): Promise<string | null> {
  try {
    return (await run(node, ['-p', 'process.versions.node'], LIMITS)).stdout.trim()
  } catch {
    return null
  }
}

/** A Node of another major version than this one; null where the machine has none. */
async function otherNode(): Promise<string | null> {
  const folders = ['/usr/bin', ...(process.env['PATH'] ?? '').split(delimiter)]
  for (const node of folders.map((folder) => join(folder, 'node'))) {
    const version = existsSync(node) ? await sayVersion(node) : null
    if (version !== null && majorOf(version) !== majorOf(process.versions.node)) return node
  }
  return null
}

async function playIn(node: string, program: string): Promise<Said> {
  return JSON.parse((await run(node, [program], LIMITS)).stdout) as Said
}

async function playInWorker(program: string): Promise<Said> {
  const worker = new Worker(program)
  const [[said]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')])
  return said as Said
}

const other = await otherNode()
if (other === null)
  process.stdout.write(`Left out: the engine under another Node; none besides ${process.versions.node} is found\n`)

describe('the engine comes to the same bits', () => {
  const directory = temporaryDirectory()
  const program = join(directory.path, 'engine-hash.mjs')
  let here: Said

  beforeAll(async () => {
    const entry = join(PROJECT_ROOT, 'test/support/engine-hash.ts')
    await build({
      entryPoints: [entry],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
    })
    here = await playIn(process.execPath, program)
  })
  afterAll(() => directory[Symbol.dispose]())

  test('in eight threads at a time', async ({ expect }) => {
    const said = await Promise.all(Array.from({ length: WORKERS }, async () => await playInWorker(program)))

    expect(here.records).toBeGreaterThan(1000)
    expect(said).toEqual(Array.from({ length: WORKERS }, () => here))
  })

  test.skipIf(other === null)('under another major version of Node', async ({ expect }) => {
    const there = await playIn(other!, program)

    expect(majorOf(there.version)).not.toBe(majorOf(here.version))
    expect({ ...there, version: here.version }).toEqual(here)
  })
})
