import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'vitest'
import { currentThreadId, threadCpuMs } from '../../../runner-image/pool/thread-time.ts'

const linux = existsSync('/proc/thread-self')

test('the CPU time of a thread counts work and not waiting', async ({ expect }) => {
  const id = currentThreadId()
  const before = threadCpuMs(id)
  expect(before === null).toBe(!linux)
  if (before === null) return

  await sleep(300)
  const waited = threadCpuMs(id)! - before
  const start = process.cpuUsage()
  while (process.cpuUsage(start).user < 200_000);
  const worked = threadCpuMs(id)! - before - waited

  expect(waited).toBeLessThan(150)
  expect(worked).toBeGreaterThanOrEqual(100)
})

test('a thread that is not known has no time', ({ expect }) => {
  expect(threadCpuMs(0)).toBeNull()
  expect(threadCpuMs(4_000_000)).toBeNull()
})
