import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { describe, it } from 'vitest'
import { readElf } from '../../../orchestrator-service/sandbox/image/elf.ts'
import { readNote, stampFiles, writeNote } from '../../../orchestrator-service/sandbox/image/file-stamps.ts'
import { PROJECT_ROOT } from '../../../orchestrator-service/sandbox/image/project-root.ts'
import { collectRootFiles, findAddon } from '../../../orchestrator-service/sandbox/image/root-files.ts'

const ON_LINUX = process.platform === 'linux'

async function inFolder(work: (folder: string) => void | Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'hotcell-image-'))
  try {
    await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

describe('readElf()', () => {
  it.runIf(ON_LINUX)('reads loader and libraries of the running Node', ({ expect }) => {
    const facts = readElf(process.execPath)

    expect(facts.machine).toBe(process.arch)
    expect(facts.interpreter).toMatch(/^\/lib(64)?\/ld-linux-/)
    expect(facts.needed).toContain('libc.so.6')
  })

  it('refuses what is no ELF file', ({ expect }) =>
    inFolder((folder) => {
      const file = join(folder, 'x')
      writeFileSync(file, `#!/bin/sh\n${' '.repeat(100)}`)

      expect(() => readElf(file)).toThrow('not a 64-bit little-endian ELF file')
    }))

  it('refuses a file that ends inside its header', ({ expect }) =>
    inFolder((folder) => {
      const file = join(folder, 'x')
      writeFileSync(file, '\x7fELF')

      expect(() => readElf(file)).toThrow('it ends at 4')
    }))
})

describe('collectRootFiles()', () => {
  it.runIf(ON_LINUX)('holds Node, the addon, and libraries alone', ({ expect }) => {
    const paths = collectRootFiles(PROJECT_ROOT, process.arch as 'x64' | 'arm64').map((file) => file.path)

    expect(paths).toContain('/node')
    expect(paths).toContain('/app/isolated-vm.node')
    const others = paths.filter((path) => path !== '/node' && path !== '/app/isolated-vm.node')
    expect(others.filter((path) => !/^\/(usr\/)?lib/.test(path) || !/\.so(\.|$)/.test(path))).toEqual([])
    expect(new Set(others.map((path) => basename(path))).size).toBe(others.length)
  })

  it('names the file when the pinned Node is missing', ({ expect }) =>
    inFolder((folder) => {
      expect(() => collectRootFiles(folder, 'x64')).toThrow(/the pinned Node binary for Linux ".*bin\/node" is missing/)
    }))

  it('names the file when the addon of this ABI is missing', ({ expect }) => {
    expect(() => findAddon(PROJECT_ROOT, 'x64', '1')).toThrow(/isolated-vm\.abi1\.glibc\.node" is missing/)
  })
})

describe('stampFiles()', () => {
  it('changes with size, time and name, and is null when a file is gone', ({ expect }) =>
    inFolder((folder) => {
      const file = join(folder, 'a')
      writeFileSync(file, 'one')
      const before = stampFiles([file])
      utimesSync(file, 1, 1)
      const touched = stampFiles([file])
      writeFileSync(file, 'more')

      expect(new Set([before, touched, stampFiles([file]), stampFiles([])]).size).toBe(4)
      expect(stampFiles([file])).toBe(stampFiles([file]))
      expect(stampFiles([file, join(folder, 'gone')])).toBeNull()
    }))
})

describe('readNote()', () => {
  it('gives back what was written, and null for a note that is missing or broken', ({ expect }) =>
    inFolder((folder) => {
      writeNote(folder, 'x', { a: 1 })
      expect(readNote(folder, 'x')).toEqual({ a: 1 })
      expect(readNote(folder, 'y')).toBeNull()

      writeFileSync(join(folder, 'node_modules/.cache/hotcell/x.json'), '{"a":')
      expect(readNote(folder, 'x')).toBeNull()
    }))
})
