import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * One hash over path, size and time of change of files. Reading 150 MiB to learn that nothing changed would cost more
 * than starting a cell; a file that is replaced has another time of change (in ns) or another inode.
 */
export function stampFiles(files: readonly string[]): string | null {
  const hash = createHash('sha256')
  for (const file of files) {
    const facts = statSync(file, { bigint: true, throwIfNoEntry: false })
    if (!facts) return null
    hash.update(`${file}\0${facts.size}\0${facts.mtimeNs}\0${facts.ctimeNs}\0${facts.ino}\n`)
  }
  return hash.digest('hex')
}

/** A JSON note of an earlier build; null when there is none that can be read: then the work is simply done again. */
export function readNote(root: string, name: string): unknown {
  try {
    return JSON.parse(readFileSync(noteFile(root, name), 'utf8'))
  } catch {
    return null
  }
}

export function writeNote(root: string, name: string, value: unknown): void {
  writeCacheFile(noteFile(root, name), JSON.stringify(value))
}

/** Written beside and renamed, so that two processes that build at once never see half a file. */
export function writeCacheFile(file: string, content: string | Uint8Array): void {
  const draft = `${file}.${randomBytes(6).toString('hex')}`
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(draft, content)
  renameSync(draft, file)
}

/** Where a file lies that can be made again at any time. */
export function cacheFile(root: string, name: string): string {
  return join(root, 'node_modules/.cache/hotcell', name)
}

function noteFile(root: string, name: string): string {
  return cacheFile(root, `${name}.json`)
}
