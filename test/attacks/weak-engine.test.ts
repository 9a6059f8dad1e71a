import { afterAll, test } from 'vitest'
import { connectEngine } from '../../orchestrator-service/sandbox/docker-client.ts'
import { startCell } from '../../orchestrator-service/sandbox/docker-driver.ts'
import { ensureImage } from '../../orchestrator-service/sandbox/image/ensure-image.ts'
import { ENGINE_SWITCHES, type EngineSwitch, weakenEngine } from '../support/attack-ablation.ts'
import { openCellBench, policyWith } from '../support/cells.ts'

/*
 * The attacks meet cells that lack a layer only because their image lies about it. The product's own runner says what it
 * finds: an engine that leaves a setting out, and hides that from inspect, does not get a job.
 */
const bench = openCellBench()
const engine = connectEngine()

afterAll(async () => bench[Symbol.asyncDispose]())

test.for(Object.entries(ENGINE_SWITCHES) as [EngineSwitch, string][])(
  'a cell of an engine that leaves out %s (%s) is refused by its attestation',
  { timeout: 60_000 },
  async ([name], { expect }) => {
    const image = await ensureImage(engine.docker)
    await using weak = await weakenEngine(engine, [name])
    const cell = await startCell(
      { engine: weak.client, instance: bench.instance },
      { policy: policyWith(), image: image.ref },
    )
    const attested = await cell.attested.then(
      () => 'attested',
      (error: unknown) => String(error),
    )
    const { cause, removed } = await cell.finished

    expect(attested).toContain('is not what the policy "default" says')
    expect(cause).toMatchObject({ kind: 'platform_error', reason: 'attestation' })
    expect(removed).toBe(true)
  },
)

test('no cell of these tests is left', async ({ expect }) => {
  expect(await bench.left()).toEqual([])
})
