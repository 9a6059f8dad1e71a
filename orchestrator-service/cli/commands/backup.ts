import { constants } from 'node:fs'
import { copyFile, mkdir, readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { PlatformError } from '../../../src/errors.ts'
import { openSqliteStores } from '../../store/sqlite/open-stores.ts'
import type { CommandContext } from '../context.ts'

/**
 * Theory of operation. A consistent copy of the data directory, whoever works in it meanwhile. The jobs come first: a
 * job ends after its files are written, so that every job that has ended in the copy finds its files there. All other
 * files are replaced atomically or only grow. What is removed meanwhile is left out. Lock and service file say
 * something about a process and are not copied.
 */
const DATABASE = 'hotcell.db'
const LEFT_OUT = /^(hotcell\.db.*|lock\.db.*|audit-lock\.db.*|lock-holder\.json|service\.json.*)$/

export async function backup({ io, config }: CommandContext, target: string): Promise<number> {
  const from = config.dataDir
  const to = resolve(target)
  if (!(await exists(from)))
    throw new PlatformError('usage', `Cannot back up "${from}": there is no such directory`, {
      hint: 'HOTCELL_DATA_DIR names the data directory',
    })
  if (`${to}/`.startsWith(`${from}/`))
    throw new PlatformError('usage', `Cannot back up to "${to}": it lies inside the data directory`)
  await createEmpty(to)
  if (await exists(join(from, DATABASE))) {
    await using stores = openSqliteStores(join(from, DATABASE))
    await stores.backup(join(to, DATABASE))
  }
  const copied = await copyTree(from, to, (name) => !LEFT_OUT.test(name))
  if (io.json) io.out(JSON.stringify({ backup: to, ...copied }))
  else io.out(`Backed up ${from} to ${to}: jobs and keys, ${copied.files} files, ${copied.bytes} bytes`)
  return 0
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  )
}

async function createEmpty(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
    if ((await readdir(path)).length === 0) return
  } catch (error) {
    throw new PlatformError('usage', `Cannot back up to "${path}": ${(error as Error).message}`)
  }
  throw new PlatformError('usage', `Cannot back up to "${path}": it is not empty, expected a new directory`)
}

async function copyTree(
  from: string,
  to: string,
  wanted: (name: string) => boolean,
): Promise<{ files: number; bytes: number }> {
  let [files, bytes] = [0, 0]
  for (const entry of await unlessGone(readdir(from, { withFileTypes: true }), [])) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) {
      await mkdir(target, { mode: 0o700 })
      const below = await copyTree(source, target, () => true)
      files += below.files
      bytes += below.bytes
    } else if (entry.isFile() && wanted(entry.name)) {
      const copied = await unlessGone(copyOne(source, target), null)
      files += copied === null ? 0 : 1
      bytes += copied ?? 0
    }
  }
  return { files, bytes }
}

async function copyOne(source: string, target: string): Promise<number> {
  await copyFile(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
  return (await stat(target)).size
}

async function unlessGone<T>(work: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await work
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return otherwise
    throw error
  }
}
