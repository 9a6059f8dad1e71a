import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { cacheFile, readNote, stampFiles, writeCacheFile, writeNote } from '../../sandbox/image/file-stamps.ts'
import { bundleProgram } from '../../sandbox/image/program.ts'
import { PROJECT_ROOT } from '../../sandbox/image/project-root.ts'

const NOTE = 'verify-program'
const WORKER = 'orchestrator-service/results/verify/verify-worker.ts'

interface ProgramNote {
  readonly stamp: string
  readonly sources: readonly string[]
  readonly file: string
}

/**
 * The verification thread's program as one file. Each run starts a thread of its own, and hundreds of files, stripped and
 * linked each time, cost it 0.1 to 0.2 s of CPU, just while the cell needs both cores; one file costs 0.02 s. As with the
 * image, a note says from which sources it was made, and when one of them is another, it is made again.
 * @throws PlatformError image_build_failed
 */
export async function provideVerifyProgram(): Promise<URL> {
  const note = readNote(PROJECT_ROOT, NOTE) as ProgramNote | null
  if (note !== null && stampFiles(listInputs(note.sources)) === note.stamp) {
    const file = cacheFile(PROJECT_ROOT, note.file)
    if (existsSync(file)) return pathToFileURL(file)
  }

  const { files, sources } = await bundleProgram({ modules: { verify: WORKER }, scripts: {}, entrypoint: [] })
  const [program] = files
  if (files.length !== 1 || program === undefined || !('bytes' in program.content))
    throw new Error(`Invariant: the verification is one file, not ${files.length}`)
  const { bytes } = program.content
  // Named by its content: a process that is running goes on with the one that it was given
  const name = `verify-${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}.mjs`
  const file = cacheFile(PROJECT_ROOT, name)
  writeCacheFile(file, bytes)
  const stamp = stampFiles(listInputs(sources))
  if (stamp !== null) writeNote(PROJECT_ROOT, NOTE, { stamp, sources, file: name } satisfies ProgramNote)
  return pathToFileURL(file)
}

/** Every file whose change may change the program. */
function listInputs(sources: readonly string[]): string[] {
  return [...sources, 'package-lock.json', 'orchestrator-service/sandbox/image/program.ts'].map((source) =>
    join(PROJECT_ROOT, source),
  )
}
