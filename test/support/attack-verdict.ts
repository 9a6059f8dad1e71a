import assert from 'node:assert/strict'
import type { Attack, CellAttack, Expected } from './attack.ts'
import type { AttackBench } from './attack-bench.ts'
import { runClientAttack } from './attack-service.ts'

const DEFAULT_MAX_MS = 60_000

/** Runs an attack, with or without its first layer, and throws where anything is not as it must be. */
export async function judgeAttack(attack: Attack, bench: AttackBench, options: { ablated: boolean }): Promise<void> {
  const ablation = options.ablated ? (attack.ablated ?? null) : null
  const expected = ablation?.expect ?? attack.expect
  if (attack.where === 'client') {
    const run = await runClientAttack(attack, options)
    assert.deepEqual(run.outcome, expected)
    assert.equal(run.benign, bench.benign)
    assert.deepEqual(run.left, [])
    assert.ok(run.wallMs < (attack.maxMs ?? DEFAULT_MAX_MS), `it took ${Math.round(run.wallMs)} ms`)
    return
  }
  await judgeCell(attack, bench, { ...options, expected })
}

async function judgeCell(
  attack: CellAttack,
  bench: AttackBench,
  { ablated, expected }: { ablated: boolean; expected: Expected },
): Promise<void> {
  const run = await bench.run(attack, { ablated })
  const { kind, reason, message, exitCode } = run.end.outcome
  const said = `${message} (exit ${exitCode}) ${run.logs.slice(0, 5).join('\n')}`.slice(0, 3000)
  assert.deepEqual(
    { kind, reason },
    expected,
    `ended as ${kind}(${reason}), expected ${expected.kind}(${expected.reason}): ${said}`,
  )
  const check = (ablated ? attack.ablated?.check : undefined) ?? attack.check
  check?.(run)
  assert.equal(run.benign.outcome.kind, 'ok', run.benign.outcome.message)
  assert.equal(run.benign.verdict?.type === 'verified' ? run.benign.verdict.run.fingerprint : null, bench.benign)
  assert.deepEqual(run.left, [], 'containers are left')
  assert.deepEqual(run.processes, [], 'processes are left')
  assert.equal(run.hostAfter, run.hostBefore)
  assert.ok(run.engineMs < 2000, `the engine needed ${run.engineMs} ms`)
  assert.ok(run.wallMs < (attack.maxMs ?? DEFAULT_MAX_MS), `it took ${Math.round(run.wallMs)} ms`)
}
