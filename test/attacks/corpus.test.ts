import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { PROJECT_ROOT } from '../../orchestrator-service/sandbox/image/project-root.ts'
import { OUTCOME_REASONS } from '../../src/protocol/outcome.ts'
import { outcomeCode, withAttackTable } from '../support/attack-docs.ts'
import { loadAttacks } from '../support/attack-files.ts'

const attacks = await loadAttacks()

test('there are at least 24 attacks, each with a name of its own', () => {
  expect(attacks.length).toBeGreaterThanOrEqual(24)
  expect(new Set(attacks.map(({ name }) => name)).size).toBe(attacks.length)
})

test.for(attacks.map((attack) => [attack.name, attack] as const))(
  '%s says in its header what it expects and which two layers stop it',
  ([, attack], { expect }) => {
    const text = readFileSync(join(PROJECT_ROOT, 'test/attacks', `${attack.name}.ts`), 'utf8')
    const header = text.slice(0, text.indexOf('*/')).replaceAll(/\s+\*\s+/g, ' ')

    expect(header).toContain(`Expected: ${outcomeCode(attack.expect)}.`)
    expect(header).toContain(`Stopped by: ${attack.stoppedBy}. Behind it: ${attack.behind}.`)
    if (attack.expect.reason !== null) expect(OUTCOME_REASONS[attack.expect.kind]).toContain(attack.expect.reason)
  },
)

test('docs/security.md shows the attacks as the files have them', () => {
  const text = readFileSync(join(PROJECT_ROOT, 'docs/security.md'), 'utf8')

  expect(withAttackTable(text, attacks), 'run `node test/support/write-attack-docs.ts`').toBe(text)
})
