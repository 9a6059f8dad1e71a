import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PlatformError } from '../../../src/errors.ts'
import { readElf } from './elf.ts'

export type ImageArch = 'x64' | 'arm64'

/** A file of the image: where it lies in it and where its bytes come from. */
export interface ImageFile {
  /** Absolute path inside the image. */
  readonly path: string
  readonly mode: 0o444 | 0o555
  readonly content: { readonly file: string } | { readonly bytes: Uint8Array }
}

export const ADDON_PATH = '/app/isolated-vm.node'

const MULTIARCH: Readonly<Record<ImageArch, string>> = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' }

/** The addon that fits the pinned Node: its ABI number is in the headers that come with the binary. */
export function findAddon(root: string, arch: ImageArch, abi: string): string {
  const file = join(root, 'node_modules/isolated-vm/prebuilds', `linux-${arch}`, `isolated-vm.abi${abi}.glibc.node`)
  if (!existsSync(file)) throw missing(file, 'the prebuilt isolated-vm addon')
  return file
}

/**
 * The part of the image that does not change with the program: Node, isolated-vm's addon and the shared objects that
 * both ask for, at the very paths where this system's loader looks without a cache file.
 */
export function collectRootFiles(root: string, arch: ImageArch): ImageFile[] {
  const nodePackage = join(root, 'node_modules', `node-linux-${arch}`)
  const node = join(nodePackage, 'bin/node')
  if (!existsSync(node)) throw missing(node, 'the pinned Node binary for Linux')
  const addon = findAddon(root, arch, readAbi(nodePackage))

  const files: ImageFile[] = [
    { path: '/node', mode: 0o555, content: { file: node } },
    { path: ADDON_PATH, mode: 0o555, content: { file: addon } },
    ...collectSharedObjects([node, addon], arch),
  ]
  return files.sort((a, b) => (a.path < b.path ? -1 : 1))
}

function collectSharedObjects(programs: readonly string[], arch: ImageArch): ImageFile[] {
  const found = new Map<string, string>()
  const waiting = [...programs]
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    const { interpreter, needed } = readElf(file)
    const wanted = needed.map((name) => ({ name, path: findSharedObject(name, arch) }))
    if (interpreter !== null) wanted.push({ name: basename(interpreter), path: interpreter })
    for (const { name, path } of wanted) {
      if (found.has(name)) continue
      found.set(name, path)
      waiting.push(path)
    }
  }
  return [...found.values()].map((path) => ({ path, mode: 0o555, content: { file: path } }))
}

function findSharedObject(name: string, arch: ImageArch): string {
  if (name.includes('/')) throw missing(name, 'a shared object by path')
  // The loader itself is asked for by name too; it must be at the one path that the Node binary names.
  const multiarch = MULTIARCH[arch]
  const folders = [`/lib/${multiarch}`, `/usr/lib/${multiarch}`, '/lib64', '/usr/lib64', '/lib', '/usr/lib']
  const ordered = name.startsWith('ld-linux') ? ['/lib64', '/lib', ...folders] : folders
  const folder = ordered.find((candidate) => existsSync(join(candidate, name)))
  if (folder === undefined) throw missing(name, `the shared object (looked in ${folders.join(', ')})`)
  return join(folder, name)
}

function readAbi(nodePackage: string): string {
  const header = join(nodePackage, 'include/node/node_version.h')
  const abi = existsSync(header)
    ? /define NODE_MODULE_VERSION (\d+)/.exec(readFileSync(header, 'utf8'))?.[1]
    : process.versions.modules
  if (abi === undefined) throw missing(header, 'NODE_MODULE_VERSION')
  return abi
}

function basename(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function missing(path: string, what: string): PlatformError {
  return new PlatformError('image_build_failed', `Cannot assemble the runner image: ${what} "${path}" is missing`)
}
