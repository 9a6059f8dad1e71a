import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { outcomeCode } from '../support/attack-docs.ts'
import { loadAttacks } from '../support/attack-files.ts'
import { type AttackBench, openAttackBench } from '../support/attack-bench.ts'

/*
 * Every attack in a cell of its own, a benign job beside it. Effects are asserted, not flags: what the host looks like
 * afterwards, what the engine still holds, what the neighbour's result was. HOTCELL_ATTACK=pattern runs some of them.
 */
const BENIGN_FINGERPRINT = '3158cb37affdd7661630cb101c317848a6f7f4aa43a5d6efb51d002d8723b335'
const MAX_GROWTH_BYTES = 64 * 2 ** 20
const DEFAULT_MAX_MS = 30_000

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

async function settledRss(goal: number): Promise<number> {
  let least = Infinity
  for (let round = 0; round < 20; round++) {
    collectGarbage()
    await sleep(500)
    least = Math.min(least, process.memoryUsage().rss)
    if (least <= goal) break
  }
  return least
}

const only = process.env['HOTCELL_ATTACK']
const attacks = (await loadAttacks()).filter(({ name }) => only === undefined || new RegExp(only).test(name))

describe('attacks', () => {
  let bench: AttackBench
  let rssBefore = 0

  beforeAll(async () => {
    bench = await openAttackBench()
    rssBefore = await settledRss(0)
  }, 120_000)

  test('the benign job has its known fingerprint before the first attack', ({ expect }) => {
    expect(bench.benign).toBe(BENIGN_FINGERPRINT)
  })

  afterAll(async () => await bench[Symbol.asyncDispose]())

  test.for(attacks.map((attack) => [attack.name, outcomeCode(attack.expect), attack] as const))(
    '%s ends as %s and touches nothing else',
    { timeout: 150_000 },
    async ([, , attack], { expect }) => {
      const run = await bench.run(attack)

      const { kind, reason, message, exitCode } = run.end.outcome
      expect({ kind, reason }, `${message} (exit ${exitCode}) ${run.logs.slice(0, 5).join('\n')}`).toEqual(
        attack.expect,
      )
      attack.check?.(run)
      expect(run.benign.outcome.kind, run.benign.outcome.message).toBe('ok')
      expect(run.benign.verdict).toMatchObject({ type: 'verified', run: { fingerprint: bench.benign } })
      expect(run.left).toEqual([])
      expect(run.processes).toEqual([])
      expect(run.hostAfter).toBe(run.hostBefore)
      expect(run.engineMs).toBeLessThan(2000)
      expect(run.wallMs).toBeLessThan(attack.maxMs ?? DEFAULT_MAX_MS)
    },
  )

  test('the memory of the host process is what it was before the attacks', { timeout: 60_000 }, async () => {
    const rss = await settledRss(rssBefore + MAX_GROWTH_BYTES)

    expect(rss - rssBefore).toBeLessThan(MAX_GROWTH_BYTES)
  })
})
