import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { PlatformError } from '../../src/errors.ts'
import { ADDON_PATH, collectRootFiles, type ImageArch, type ImageFile } from '../sandbox/image/root-files.ts'

/** Where the project lies in the service's image. */
const HOME = '/hotcell'
const FOLDERS = ['src', 'runner-image', 'orchestrator-service', 'sandbox-policies', 'examples']
const FILES = ['package.json', 'package-lock.json', 'LICENSE']
/** Types, source maps and packed copies: read by nobody at run time, and not by the bundler either. */
const LEFT_OUT = /\.d\.[cm]?ts$|\.map$|\.tgz$/
const OF_NODE = ['bin/node', 'include/node/node_version.h', 'package.json', 'LICENSE']

interface LockEntry {
  readonly dev?: boolean
  readonly optional?: boolean
}

/**
 * Every file of the service's image, sorted by path. The shared objects lie where this system has them, and packages
 * where the lockfile has them: so the runner image that is assembled inside is the one that is assembled here.
 * @throws PlatformError image_build_failed when a package, Node or a shared object is missing
 */
export function collectServiceFiles(root: string, arch: ImageArch): ImageFile[] {
  const own = FOLDERS.flatMap((folder) => listFiles(root, folder))
  const packages = listPackages(root).flatMap((path) => listPackageFiles(root, path, arch))
  const sharedObjects = collectRootFiles(root, arch).filter(({ path }) => path !== '/node' && path !== ADDON_PATH)
  const files = [
    ...[...FILES, ...own, ...packages].map((path) => toImageFile(root, path)),
    ...sharedObjects,
    startFile(arch),
  ]
  return files.sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** What the lockfile installs without devDependencies, as far as it is for this system. */
function listPackages(root: string): string[] {
  const lockfile = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, LockEntry>
  }
  return Object.entries(lockfile.packages)
    .filter(([path, { dev }]) => path !== '' && dev !== true && !path.includes('node_modules/@types/'))
    .filter(([path, { optional }]) => {
      const isThere = statSync(join(root, path), { throwIfNoEntry: false }) !== undefined
      if (isThere || optional === true) return isThere
      throw new PlatformError('image_build_failed', `Cannot assemble the service image: package "${path}" is missing`, {
        hint: 'Run: node setup.mjs',
      })
    })
    .map(([path]) => path)
}

function listPackageFiles(root: string, path: string, arch: ImageArch): string[] {
  if (path === `node_modules/node-linux-${arch}`) return OF_NODE.map((file) => `${path}/${file}`)
  return listFiles(root, path).filter((file) => {
    const builtFor = /\/prebuilds\/([^/]+)\//.exec(file)?.[1]
    return !LEFT_OUT.test(file) && (builtFor === undefined || builtFor === `linux-${arch}`)
  })
}

/** Regular files below a folder, without nested packages: the lockfile names those by themselves. */
function listFiles(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : listFiles(root, path)
    return entry.isFile() ? [path] : []
  })
}

function toImageFile(root: string, path: string): ImageFile {
  const file = join(root, path)
  const isProgram = (statSync(file).mode & 0o100) !== 0
  return { path: `${HOME}/${path}`, mode: isProgram ? 0o555 : 0o444, content: { file } }
}

/** The command inside: there is no shell and no env(1) that could look for Node. */
function startFile(arch: ImageArch): ImageFile {
  const text = `#!${HOME}/node_modules/node-linux-${arch}/bin/node\nimport '${HOME}/orchestrator-service/cli/main.ts'\n`
  return { path: '/bin/hotcell', mode: 0o555, content: { bytes: Buffer.from(text) } }
}
