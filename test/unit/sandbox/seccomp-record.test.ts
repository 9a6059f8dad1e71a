import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { PROJECT_ROOT } from '../../../orchestrator-service/sandbox/image/project-root.ts'
import { loadPolicies } from '../../../orchestrator-service/sandbox/policy.ts'
import { rulesOn } from '../../../orchestrator-service/sandbox/seccomp-profile.ts'
import { readTraceRecord, refusedCalls, withSeccompTables } from '../../support/seccomp-docs.ts'
import { SMOKE_SET } from '../../support/smoke-items.ts'
import { ruleKeys } from '../../trace/seen.ts'

const LEAST_RUNS = 30
const profile = loadPolicies().get('default')!.seccomp
const record = readTraceRecord()

test('the stored record is of the smoke set as it is, and all of its runs passed', () => {
  expect(record.runs).toBeGreaterThanOrEqual(LEAST_RUNS)
  expect(record.passed).toBe(record.runs)
  expect(record.items).toEqual(SMOKE_SET.map(({ name }) => name))
})

test('every rule was seen in the record, or says which code path needs it', () => {
  const unexplained = rulesOn(profile, 'x64')
    .filter(({ action, comment }) => action === 'SCMP_ACT_ALLOW' && !comment.includes('not in traces'))
    .flatMap(ruleKeys)
    .filter((key) => !(key in record.seen) && !(key in record.refused))

  expect(unexplained).toEqual([])
})

test('what was refused is known to be harmless', () => {
  // Node's look at its capabilities, glibc's clone3 before clone, libuv's io_uring before epoll
  expect(refusedCalls(profile, record).map(([name]) => name)).toEqual(['capget', 'clone3', 'io_uring_setup'])
})

test('docs/seccomp.md shows the record and the rules as they are', () => {
  const text = readFileSync(join(PROJECT_ROOT, 'docs/seccomp.md'), 'utf8')

  expect(withSeccompTables(text, profile, record), 'run `node test/support/write-seccomp-docs.ts`').toBe(text)
})
