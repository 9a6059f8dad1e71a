import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { PROJECT_ROOT } from '../../orchestrator-service/sandbox/image/project-root.ts'
import type { Attack } from '../support/attack.ts'
import { outcomeCode } from '../support/attack-docs.ts'
import { loadAttacks } from '../support/attack-files.ts'
import { type AttackBench, openAttackBench } from '../support/attack-bench.ts'
import { heldMemory, hostFacts } from '../support/attack-host.ts'
import { judgeAttack } from '../support/attack-verdict.ts'

/*
 * Every attack in a cell or against a service of its own, a benign job beside it, first as things are and then without its
 * first layer. Effects are asserted, not flags: what the host looks like afterwards, what the engine still holds, what the
 * neighbour's result was. Two attacks at a time. HOTCELL_ATTACK=pattern runs some of them.
 */
const BENIGN_FINGERPRINT = '8a5308e78047d65f2706db5361723a9ba15e1d77b610a733189631b913b71aaf'
/** For about 140 attacks, several with documents of up to 64 MiB: what allocators keep of them, and code that is compiled late. */
const MAX_GROWTH_BYTES = 128 * 2 ** 20
const MAX_HELD_BYTES = 512 * 2 ** 20
const TIME_OUT_MS = 150_000

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
const ablated = attacks.filter((attack) => attack.ablated !== undefined)
const titled = (attack: Attack, expected: Attack['expect']) => [attack.name, outcomeCode(expected), attack] as const

/** A host whose own code lacks the layer is another process. */
async function judgeInChild({ name }: Attack): Promise<void> {
  const support = join(PROJECT_ROOT, 'test/support')
  const args = ['--import', join(support, 'ablated-sources.ts'), join(support, 'attack-child.ts')]
  const env = { ...process.env, HOTCELL_TEST_ATTACK: name }
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'pipe'], timeout: TIME_OUT_MS })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  const code = await new Promise((resolve) => child.once('close', resolve))
  if (code !== 0) throw new Error(said.slice(-4000))
}

describe('attacks', () => {
  let bench: AttackBench
  let rssBefore = 0
  let heldBefore = 0
  let factsBefore: unknown

  beforeAll(async () => {
    bench = await openAttackBench()
    rssBefore = await settledRss(0)
    heldBefore = heldMemory()
    factsBefore = hostFacts()
  }, 120_000)

  test('the benign job has its known fingerprint before the first attack', ({ expect }) => {
    expect(bench.benign).toBe(BENIGN_FINGERPRINT)
  })

  afterAll(async () => await bench[Symbol.asyncDispose]())

  describe.concurrent('as things are', () => {
    test.for(attacks.map((attack) => titled(attack, attack.expect)))(
      '%s ends as %s and touches nothing else',
      { timeout: TIME_OUT_MS },
      async ([, , attack]) => await judgeAttack(attack, bench, { ablated: false }),
    )
  })

  test('the memory of the host process is what it was before the attacks', { timeout: 60_000 }, async ({ expect }) => {
    const rss = await settledRss(rssBefore + MAX_GROWTH_BYTES)

    expect(rss - rssBefore).toBeLessThan(MAX_GROWTH_BYTES)
  })

  describe.concurrent('without the first layer', () => {
    test.for(ablated.map((attack) => titled(attack, attack.ablated?.expect ?? attack.expect)))(
      '%s ends as %s and touches nothing else',
      { timeout: TIME_OUT_MS },
      async ([, , attack]) => {
        const inChild = attack.where !== 'client' && attack.ablated?.host !== undefined
        if (inChild) await judgeInChild(attack)
        else await judgeAttack(attack, bench, { ablated: true })
      },
    )
  })

  test('the machine is what it was before the attacks', ({ expect }) => {
    expect(hostFacts()).toEqual(factsBefore)
    expect(heldMemory() - heldBefore).toBeLessThan(MAX_HELD_BYTES)
  })
})
