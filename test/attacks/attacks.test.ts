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
/**
 * What the allocator keeps of documents of up to 64 MiB; all attacks make it 96 MiB. It is no leak: before and after each of four
 * rounds of the same 23 attacks on output the program itself held 44, 52, 52, 53 and 54 MiB, while the kernel counted 192, 238,
 * 254, 230 and 251.
 */
const MAX_GROWTH_BYTES = 128 * 2 ** 20
/** Of objects and buffers in use: half a document of a hostile cell. All attacks leave 18 MiB. */
const MAX_KEPT_BYTES = 32 * 2 ** 20
/** Of the machine. */
const MAX_HELD_BYTES = 512 * 2 ** 20
const TIME_OUT_MS = 150_000

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

interface Memory {
  readonly rss: number
  /** What objects and buffers of the program take, all of them in use. */
  readonly kept: number
}

async function settledMemory(isSettled: (memory: Memory) => boolean): Promise<Memory> {
  let least: Memory = { rss: Infinity, kept: Infinity }
  for (let round = 0; round < 20 && !isSettled(least); round++) {
    collectGarbage()
    await sleep(500)
    const { rss, heapUsed, external } = process.memoryUsage()
    least = { rss: Math.min(least.rss, rss), kept: Math.min(least.kept, heapUsed + external) }
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
  let before: Memory
  let heldBefore = 0
  let factsBefore: unknown

  beforeAll(async () => {
    bench = await openAttackBench()
    before = await settledMemory(() => false)
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
    const grown = ({ rss, kept }: Memory): Memory => ({ rss: rss - before.rss, kept: kept - before.kept })
    const after = await settledMemory((now) => grown(now).rss < MAX_GROWTH_BYTES && grown(now).kept < MAX_KEPT_BYTES)

    expect(grown(after).rss).toBeLessThan(MAX_GROWTH_BYTES)
    expect(grown(after).kept).toBeLessThan(MAX_KEPT_BYTES)
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
