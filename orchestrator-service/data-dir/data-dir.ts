import { randomBytes } from 'node:crypto'
import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { PlatformError } from '../../src/errors.ts'
import { type Lock, takeLock } from './lock.ts'

/**
 * The directory that belongs to one Hotcell: its random id (every container carries it, so that a start-up cleans up
 * after itself and nobody else) and a lock that is taken before the engine is asked anything.
 */
export interface DataDir extends AsyncDisposable {
  readonly path: string
  /** 12 hex digits, chosen once for the directory. */
  readonly instance: string
}

const INSTANCE_FILE = 'instance.json'
const INSTANCE = /^[0-9a-f]{12}$/

/**
 * Creates the directory (0700) where needed and locks it. @throws data_dir_locked with the holder's pid; usage when the
 * path cannot be used
 */
export async function openDataDir(path: string): Promise<DataDir> {
  const root = resolve(path)
  createPrivateDirectory(root)
  const lock: Lock = takeLock(root)
  try {
    const instance = readInstance(root) ?? createInstance(root)
    return {
      path: root,
      instance,
      [Symbol.asyncDispose]: async () => lock.release(),
    }
  } catch (error) {
    lock.release()
    throw error
  }
}

/** Makes the directory with mode 0700 unless it is there. @throws PlatformError usage */
export function createPrivateDirectory(root: string): void {
  try {
    if (mkdirSync(root, { recursive: true, mode: 0o700 }) !== undefined) chmodSync(root, 0o700)
  } catch (cause) {
    throw new PlatformError('usage', `Cannot use data directory "${root}": ${(cause as Error).message}`, {
      cause,
      hint: 'Set HOTCELL_DATA_DIR to a directory that you may write',
    })
  }
}

/** The id of a directory, whoever holds it; null: it has none yet. @throws PlatformError usage */
export function readInstance(root: string): string | null {
  const file = join(root, INSTANCE_FILE)
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  const { instance } = parse(text)
  if (typeof instance === 'string' && INSTANCE.test(instance)) return instance
  // A new id would orphan the containers of the old one: better stop than guess.
  throw new PlatformError('usage', `Cannot read "${file}": no instance id in it, expected 12 hex digits`, {
    hint: 'Restore the file, or remove it when no container of this directory is left',
  })
}

function parse(text: string): { instance?: unknown } {
  try {
    const value = JSON.parse(text) as unknown
    return value !== null && typeof value === 'object' ? value : {}
  } catch {
    return {}
  }
}

function createInstance(root: string): string {
  const instance = randomBytes(6).toString('hex')
  writeDurably(join(root, INSTANCE_FILE), `${JSON.stringify({ instance })}\n`)
  return instance
}

function writeDurably(file: string, text: string): void {
  const temporary = `${file}.new`
  const handle = openSync(temporary, 'w', 0o600)
  try {
    writeSync(handle, text)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  renameSync(temporary, file)
}
