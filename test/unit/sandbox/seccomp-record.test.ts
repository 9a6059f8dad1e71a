import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { PROJECT_ROOT } from '../../../orchestrator-service/sandbox/image/project-root.ts'
import { loadPolicies } from '../../../orchestrator-service/sandbox/policy.ts'
import { rulesOn } from '../../../orchestrator-service/sandbox/seccomp-profile.ts'
import { readTraceRecord, withSeccompTables } from '../../support/seccomp-docs.ts'
import { SMOKE_SET } from '../../support/smoke-items.ts'
import { ruleKeys } from '../../trace/seen.ts'

const profile = loadPolicies().get('default')!.seccomp
const record = readTraceRecord()

test('the stored record is of 30 runs of the smoke set as it is, and all passed', () => {
  expect(record.runs).toBeGreaterThanOrEqual(30)
  expect(record.passed).toBe(record.runs)
  expect(record.items).toEqual(SMOKE_SET.map(({ name }) => name))
})

test('every rule was seen in the record, or says which code path needs it', () => {
  const unexplained = rulesOn(profile, 'x64')
    .filter(({ action, comment }) => action === 'SCMP_ACT_ALLOW' && !comment.includes('not in traces'))
    .flatMap(ruleKeys)
    .filter((key) => !(key in record.seen))

  expect(unexplained).toEqual([])
})

test('what was refused is known to be harmless', () => {
  // Node's look at its capabilities, glibc's clone3 before clone, libuv's io_uring before epoll
  expect(Object.keys(record.refused).sort()).toEqual(['capget', 'clone3', 'io_uring_setup'])
})

test('docs/seccomp.md shows the record and the rules as they are', () => {
  const text = readFileSync(join(PROJECT_ROOT, 'docs/seccomp.md'), 'utf8')

  expect(withSeccompTables(text, profile, record), 'run `node test/support/write-seccomp-docs.ts`').toBe(text)
})
