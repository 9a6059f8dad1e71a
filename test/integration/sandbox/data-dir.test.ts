import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { openDataDir } from '../../../orchestrator-service/data-dir/data-dir.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

const MODULE = fileURLToPath(new URL('../../../orchestrator-service/data-dir/data-dir.ts', import.meta.url))

/** Another process that holds the lock until it is killed. */
async function holdElsewhere(path: string) {
  const source = `const { openDataDir } = await import(${JSON.stringify(MODULE)}); const dir = await openDataDir(${JSON.stringify(path)}); console.log(dir.instance); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [instance] = (await once(child.stdout, 'data')) as [Buffer]
  return {
    pid: child.pid as number,
    instance: instance.toString().trim(),
    kill: async () => {
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

test('openDataDir() makes a private directory with an instance id that stays', async () => {
  using directory = temporaryDirectory()
  const path = join(directory.path, 'a', 'b')
  const first = await openDataDir(path)
  await first[Symbol.asyncDispose]()
  await using second = await openDataDir(path)

  expect(first.instance).toMatch(/^[0-9a-f]{12}$/)
  expect(second.instance).toBe(first.instance)
  expect(statSync(path).mode & 0o777).toBe(0o700)
})

test('a second holder is refused with pid, time and hint, in the same process and in another', async () => {
  using directory = temporaryDirectory()
  const other = await holdElsewhere(directory.path)
  const refused = openDataDir(directory.path)
  await expect(refused).rejects.toMatchObject({ code: 'data_dir_locked', details: { pid: other.pid } })
  await expect(refused).rejects.toThrow(new RegExp(`held by process ${other.pid} since \\d{4}-`))
  await other.kill()

  await using mine = await openDataDir(directory.path)
  expect(mine.instance).toBe(other.instance)
  await expect(openDataDir(directory.path)).rejects.toMatchObject({
    code: 'data_dir_locked',
    details: { pid: process.pid },
  })
})

test(
  'the lock ends with its holder, however it ends: ten kills leave it free at once',
  { timeout: 60_000 },
  async () => {
    using directory = temporaryDirectory()
    for (let round = 0; round < 10; round += 1) {
      const other = await holdElsewhere(directory.path)
      await other.kill()
      const mine = await openDataDir(directory.path)
      await mine[Symbol.asyncDispose]()
    }
  },
)

test('a damaged instance file is never replaced by a new id', async () => {
  using directory = temporaryDirectory()
  const file = join(directory.path, 'instance.json')
  writeFileSync(file, '{"instance":"../../x"}')

  await expect(openDataDir(directory.path)).rejects.toMatchObject({ code: 'usage' })
  await expect(openDataDir(directory.path)).rejects.toMatchObject({ code: 'usage' })
  expect(readFileSync(file, 'utf8')).toBe('{"instance":"../../x"}')
})
