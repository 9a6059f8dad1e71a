import { test } from 'vitest'
import { proveRun } from '../../../orchestrator-service/jobs/prove-run.ts'

test('proveRun() starts no cell for questions that are too many to be kept', async ({ expect }) => {
  const startCell = () => Promise.reject(new Error('A cell was started'))
  const request = { plan: 'too_large' } as Parameters<typeof proveRun>[1]

  const { proof, refusal } = await proveRun({ startCell }, request)

  expect(proof).toBe(null)
  expect(refusal).toMatchObject({ kind: 'limit_exceeded', reason: 'verification' })
  expect(refusal!.message).toContain('over 32 MiB')
})
