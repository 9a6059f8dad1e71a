import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import { localArch } from '../../../orchestrator-service/sandbox/image/ensure-image.ts'
import { PROJECT_ROOT } from '../../../orchestrator-service/sandbox/image/project-root.ts'
import { collectRootFiles } from '../../../orchestrator-service/sandbox/image/root-files.ts'
import { collectServiceFiles } from '../../../orchestrator-service/service-image/service-files.ts'

const ARCH = localArch()
const paths = collectServiceFiles(PROJECT_ROOT, ARCH).map(({ path }) => path)
const { dependencies, devDependencies } = JSON.parse(readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>
  devDependencies: Record<string, string>
}
const packageFiles = (name: string) => paths.filter((path) => path.startsWith(`/hotcell/node_modules/${name}/`))

describe('collectServiceFiles()', () => {
  it('takes every dependency and no development one', ({ expect }) => {
    for (const name of Object.keys(dependencies)) expect(packageFiles(name), name).not.toEqual([])
    for (const name of Object.keys(devDependencies)) expect(packageFiles(name), name).toEqual([])
  })

  it('takes what the runner image is assembled of, at the paths where the assembler looks', ({ expect }) => {
    const wanted = collectRootFiles(PROJECT_ROOT, ARCH).flatMap(({ content }) =>
      'file' in content ? [content.file.replace(PROJECT_ROOT, '/hotcell')] : [],
    )

    expect(wanted.length).toBeGreaterThan(5)
    expect(wanted.filter((path) => !paths.includes(path))).toEqual([])
  })

  it('leaves tests, types and prebuilt files of other systems behind, and names nothing twice', ({ expect }) => {
    const strange = paths.filter((path) => /\/hotcell\/test\/|\.d\.ts$|prebuilds\/(?:darwin|win32)/.test(path))

    expect(strange).toEqual([])
    expect(new Set(paths).size).toBe(paths.length)
  })
})
