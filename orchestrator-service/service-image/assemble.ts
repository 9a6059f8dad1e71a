import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, createWriteStream, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { PlatformError } from '../../src/errors.ts'
import { localArch } from '../sandbox/image/ensure-image.ts'
import { cacheFile, readNote, stampFiles, writeNote } from '../sandbox/image/file-stamps.ts'
import { packLayer } from '../sandbox/image/layer.ts'
import { PROJECT_ROOT } from '../sandbox/image/project-root.ts'
import { collectServiceFiles } from './service-files.ts'

/*
 * `npm run image:service`: what the Dockerfile on top adds, as node_modules/.cache/hotcell/service/root.tar, and beside it
 * volume/, which holds the empty folder that becomes /data. The same files give the same bytes; when none changed,
 * nothing is written.
 */
const NOTE = 'service-root'
const ROOT_TAR = 'service/root.tar'

interface Note {
  readonly stamp: string
  readonly sha256: string
}

async function assemble(): Promise<string> {
  const files = collectServiceFiles(PROJECT_ROOT, localArch())
  const tar = cacheFile(PROJECT_ROOT, ROOT_TAR)
  const stamp = stampFiles(files.flatMap(({ content }) => ('file' in content ? [content.file] : [])))
  const note = readNote(PROJECT_ROOT, NOTE) as Note | null
  if (note !== null && note.stamp === stamp && existsSync(tar)) return note.sha256

  const data = cacheFile(PROJECT_ROOT, 'service/volume/data')
  mkdirSync(data, { recursive: true })
  // The mode goes into the image and from there into the volume; that of the copied folder itself would not.
  chmodSync(data, 0o700)
  const draft = `${tar}.${randomBytes(6).toString('hex')}`
  const hash = createHash('sha256')
  try {
    await pipeline(Readable.from(hashed(packLayer(files), hash)), createWriteStream(draft))
    renameSync(draft, tar)
  } finally {
    rmSync(draft, { force: true })
  }
  const sha256 = hash.digest('hex')
  if (stamp !== null) writeNote(PROJECT_ROOT, NOTE, { stamp, sha256 } satisfies Note)
  return sha256
}

async function* hashed(chunks: AsyncIterable<Uint8Array>, hash: ReturnType<typeof createHash>) {
  for await (const chunk of chunks) {
    hash.update(chunk)
    yield chunk
  }
}

try {
  console.log(`${cacheFile(PROJECT_ROOT, ROOT_TAR)} sha256:${await assemble()}`)
} catch (error) {
  const lines = error instanceof PlatformError ? [error.message, error.hint] : [String(error)]
  for (const line of lines) if (line !== null) console.error(line)
  process.exitCode = 1
}
