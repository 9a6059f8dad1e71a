import { test } from 'vitest'
import { formatDuration, formatLimit, formatMoney, formatTime } from '../../../orchestrator-service/results/format.ts'

test('formatLimit() reads the unit out of the name', ({ expect }) => {
  const cases: [string, unknown, string][] = [
    ['memoryBytes', 2_147_483_648, '2.00 GiB'],
    ['wallTimeMs', 3_600_000, '1 h'],
    ['cpuQuotaMicros', 100_000, '100 ms'],
    ['pids', 64, '64'],
    ['network', 'none', 'none'],
    ['readonlyRoot', true, 'yes'],
    ['tmpfs', { '/tmp': 'rw,size=16777216' }, '/tmp rw,size=16777216'],
    [
      'ulimits',
      [
        { Name: 'core', Soft: 0, Hard: 0 },
        { Name: 'nofile', Soft: 512, Hard: 1024 },
      ],
      'core 0 B, nofile 512 to 1024',
    ],
    ['devices', [], 'none'],
    ['seccomp', null, 'none'],
  ]
  for (const [name, value, text] of cases) expect(formatLimit(name, value), name).toBe(text)
})

test('formatDuration() leaves out what is zero', ({ expect }) => {
  expect([250, 3200, 250_000, 3_600_000, 5_410_000].map(formatDuration)).toEqual([
    '250 ms',
    '3.2 s',
    '4 min 10 s',
    '1 h',
    '1 h 30 min 10 s',
  ])
})

test('formatMoney() shows no minus zero and does not hide small amounts', ({ expect }) => {
  expect([-0, 0.001234, -1234.5].map(formatMoney)).toEqual(['0.00', '0.001234', '-1,234.50'])
})

test('formatTime() is UTC', ({ expect }) => {
  expect(formatTime(Date.UTC(2024, 0, 2, 3, 4))).toBe('2024-01-02 03:04 UTC')
  expect(formatTime(Date.UTC(2024, 0, 2, 3, 4, 5))).toBe('2024-01-02 03:04:05 UTC')
})
