import { expect, test } from 'vitest'
import { readConfig } from '../../../orchestrator-service/config.ts'
import { doctor, type DoctorOptions } from '../../../orchestrator-service/cli/commands/doctor.ts'
import type { Finding } from '../../../orchestrator-service/host-check/finding.ts'
import { connectEngine } from '../../../orchestrator-service/sandbox/docker-client.ts'
import { loadPolicies } from '../../../orchestrator-service/sandbox/policy.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

interface Answer {
  readonly strict: boolean
  readonly code: string | null
  readonly refused: readonly string[]
  readonly findings: readonly Finding[]
}

async function ask(options: Omit<DoctorOptions, 'config'>, env: Readonly<Record<string, string>> = {}) {
  using directory = temporaryDirectory()
  const out: string[] = []
  const config = readConfig({ HOTCELL_DATA_DIR: directory.path, ...env })
  const code = await doctor({ ...options, config }, { json: true, out: (text) => void out.push(text), err: () => {} })
  return { code, answer: JSON.parse(out.join('')) as Answer }
}

test('doctor names what this host can enforce and what weakens it, and tries it', { timeout: 120_000 }, async () => {
  const { code, answer } = await ask({})
  const { findings } = answer
  const info = (await connectEngine().docker.info()) as { Runtimes: object; CgroupVersion: string }

  expect(code).toBe(0)
  expect(answer).toMatchObject({ strict: false, code: null, refused: [] })
  expect(findings.map(({ id }) => id).filter((id) => !id.startsWith('CVE-'))).toEqual([
    'policies',
    'socket',
    'swap',
    'cgroup-controllers',
    'disk',
    'engine-disk',
    'node',
    'engine',
    'seccomp',
    'security-module',
    'architecture',
    'cgroup',
    'limits',
    'user-namespaces',
    'runtimes',
    'storage-driver',
    'log-driver',
    'memory',
    'clock',
    'versions',
    ...[...loadPolicies().keys()].map((name) => `policy-${name}`),
    'image',
    'cell',
  ])
  expect(findings.filter(({ level, action }) => level !== 'ok' && action === null)).toEqual([])
  const level = Object.fromEntries(findings.map((finding) => [finding.id, finding.level]))
  expect(level).toMatchObject({
    cell: 'ok',
    node: 'ok',
    cgroup: info.CgroupVersion === '2' ? 'ok' : 'warn',
    'policy-default': 'ok',
    'policy-strict': 'runsc' in info.Runtimes ? 'ok' : 'warn',
  })
})

test(
  'strict fails on what weakens isolation, with a stable code, and on nothing that was accepted',
  { timeout: 120_000 },
  async () => {
    const weak = (await ask({ strict: true })).answer.findings.filter(({ weakens }) => weakens !== null)

    const strict = await ask({ strict: true })
    const bySetting = await ask({}, { HOTCELL_STRICT: '1' })
    const accepting = await ask({ strict: true }, { HOTCELL_ACCEPT: weak.map(({ id }) => id).join(',') })

    const refused = { code: weak.length === 0 ? null : 'host_refused', refused: weak.map(({ id }) => id) }
    for (const { code, answer } of [strict, bySetting]) {
      expect(code).toBe(weak.length === 0 ? 0 : 6)
      expect(answer).toMatchObject({ strict: true, ...refused })
    }
    expect(accepting).toMatchObject({ code: 0, answer: { code: null, refused: [] } })
  },
)

test('doctor without an engine says what to do and fails', async () => {
  const engine = connectEngine({ env: { DOCKER_HOST: 'unix:///nowhere/docker.sock' } })

  const { code, answer } = await ask({ engine })

  expect(code).toBe(6)
  expect(answer.code).toBe('host_refused')
  expect(answer.findings.find(({ id }) => id === 'engine')).toMatchObject({
    level: 'fail',
    seen: expect.stringContaining('nowhere') as string,
    action: expect.stringContaining('Start the Docker engine') as string,
  })
})
