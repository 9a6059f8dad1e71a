import { afterAll, beforeAll, describe, test } from 'vitest'
import { openSmokeBench, type SmokeBench } from '../../support/smoke-bench.ts'
import { SMOKE_SET } from '../../support/smoke-items.ts'

/*
 * Every way in which a cell works and ends, under the allow-list of system calls as it is. `npm run trace:seccomp` runs the
 * same items many times and says which rules they need.
 */
describe('the smoke set', () => {
  let bench: SmokeBench

  beforeAll(async () => {
    bench = await openSmokeBench()
  }, 60_000)
  afterAll(async () => await bench[Symbol.asyncDispose]())

  test.for(SMOKE_SET.map((item) => [item.name, item] as const))('%s', { timeout: 60_000 }, async ([, item]) => {
    await item.run(bench)
  })

  test('leaves no cell', async ({ expect }) => {
    expect(await bench.cells.left()).toEqual([])
  })
})
