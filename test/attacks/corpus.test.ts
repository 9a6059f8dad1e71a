import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { PROJECT_ROOT } from '../../orchestrator-service/sandbox/image/project-root.ts'
import { type OutcomeKind, OUTCOME_REASONS } from '../../src/protocol/outcome.ts'
import { FAMILIES } from '../support/attack.ts'
import { changedSources } from '../support/attack-changes.ts'
import { describeAblation, outcomeCode, withAttackTable } from '../support/attack-docs.ts'
import { loadAttacks } from '../support/attack-files.ts'

const attacks = await loadAttacks()

test('there are at least 90 attacks, each with a name of its own', () => {
  expect(attacks.length).toBeGreaterThanOrEqual(90)
  expect(new Set(attacks.map(({ name }) => name)).size).toBe(attacks.length)
})

test.for(FAMILIES)('the family %s has attacks', (family, { expect }) => {
  expect(attacks.filter((attack) => attack.family === family).length).toBeGreaterThan(2)
})

test.for(attacks.map((attack) => [attack.name, attack] as const))(
  '%s says in its header what it expects, which two layers stop it and how it ends without the first',
  ([, attack], { expect }) => {
    const text = readFileSync(join(PROJECT_ROOT, 'test/attacks', `${attack.name}.ts`), 'utf8')
    const header = text.slice(0, text.indexOf('*/')).replaceAll(/\s+\*\s+/g, ' ')

    expect(header).toContain(`Expected: ${outcomeCode(attack.expect)}.`)
    expect(header).toContain(`Stopped by: ${attack.stoppedBy}. Behind it: ${attack.behind}.`)
    expect(header).toContain(describeAblation(attack))
    expect([attack.ablated === undefined, attack.singleLayer === undefined]).toContain(true)
    expect(attack.ablated === undefined).toBe(attack.singleLayer !== undefined)
    for (const { kind, reason } of [attack.expect, ...(attack.ablated === undefined ? [] : [attack.ablated.expect])]) {
      if (attack.where === 'client') expect(['refused', 'harmless']).toContain(kind)
      else if (reason !== null) expect(OUTCOME_REASONS[kind as OutcomeKind]).toContain(reason)
    }
  },
)

test('every source that an ablation changes still has the place that it changes', () => {
  for (const attack of attacks) {
    const { ablated } = attack
    const cell = attack.where === 'client' ? [] : [attack.changes, attack.ablated?.cell, attack.ablated?.verifier]
    for (const changes of [ablated?.host, ...cell])
      if (changes !== undefined) expect(() => changedSources(changes), attack.name).not.toThrow()
  }
})

test('docs/security.md shows the attacks as the files have them', () => {
  const text = readFileSync(join(PROJECT_ROOT, 'docs/security.md'), 'utf8')

  expect(withAttackTable(text, attacks), 'run `node test/support/write-attack-docs.ts`').toBe(text)
})
