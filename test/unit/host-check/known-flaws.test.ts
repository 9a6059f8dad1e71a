import { expect, test } from 'vitest'
import { judgeVersions } from '../../../orchestrator-service/host-check/judge-versions.ts'
import {
  type Component,
  flawsOf,
  loadKnownFlaws,
  parseKnownFlaws,
} from '../../../orchestrator-service/host-check/known-flaws.ts'
import { compareVersions, parseVersion } from '../../../orchestrator-service/host-check/version.ts'

const list = loadKnownFlaws()
const cves = (component: Component, text: string) =>
  flawsOf(component, parseVersion(text)!, list.flaws).map(({ cve }) => cve)
const NOVEMBER = ['CVE-2025-31133', 'CVE-2025-52565', 'CVE-2025-52881']

test('every flaw of the list stands there once, with fixes in order that are after its beginning', () => {
  expect(new Set(list.flaws.map(({ cve }) => cve)).size).toBe(list.flaws.length)
  for (const { cve, introduced, fixed } of list.flaws) {
    const versions = [...(introduced === undefined ? [] : [introduced]), ...fixed].map((text) => parseVersion(text)!)
    for (const [at, one] of versions.entries())
      if (at > 0) expect(compareVersions(versions[at - 1]!, one), cve).toBeLessThan(0)
  }
})

test.for<[Parameters<typeof cves>[0], string, string[]]>([
  ['runc', '1.0-rc6', ['CVE-2019-5736', 'CVE-2021-30465', 'CVE-2024-45310', ...NOVEMBER]],
  ['runc', '1.1.4', ['CVE-2023-27561', 'CVE-2024-21626', 'CVE-2024-45310', ...NOVEMBER]],
  ['runc', '1.1.5', ['CVE-2024-21626', 'CVE-2024-45310', ...NOVEMBER]],
  ['runc', '1.1.5+ds1-1', ['CVE-2024-21626', 'CVE-2024-45310', ...NOVEMBER]],
  ['runc', '1.1.5+ds1-1+deb12u1', ['CVE-2024-45310', ...NOVEMBER]],
  ['runc', '1.1.12', ['CVE-2024-45310', ...NOVEMBER]],
  ['runc', '1.2.7', NOVEMBER],
  ['runc', '1.2.8', []],
  ['runc', '1.3.3', []],
  ['runc', '1.4.0', []],
  ['containerd', '1.4.2', ['CVE-2020-15257', 'CVE-2024-25621']],
  ['containerd', '1.6.20~ds1-1+deb12u1', ['CVE-2024-25621']],
  ['containerd', '1.6.20~ds1-1+deb12u3', []],
  ['containerd', '2.1.5', []],
  [
    'docker',
    '20.10.8',
    ['CVE-2021-41091', 'CVE-2024-23651', 'CVE-2024-23652', 'CVE-2024-23653', 'CVE-2024-29018', 'CVE-2025-54410'],
  ],
  ['docker', '25.0.13', []],
  ['docker', '27.5.1', ['CVE-2025-54410']],
  ['docker', '28.2.2', []],
  ['kernel', '5.7.19', ['CVE-2021-22555', 'CVE-2022-0185', 'CVE-2022-0492', 'CVE-2024-1086']],
  ['kernel', '5.10.101', ['CVE-2022-0847', 'CVE-2024-1086']],
  ['kernel', '5.15.200', []],
  ['kernel', '6.12.1', []],
  ['runsc', '20260905.0', []],
])('%s %s has %s', ([component, text, expected]) => {
  expect(cves(component, text)).toEqual(expected)
})

const versions = { docker: '28.5.2', containerd: '2.1.5', runc: '1.3.3', runsc: null, kernel: '6.12.48' }

test('a flaw is a finding of its own: what was seen, what it weakens, what to do', () => {
  const findings = judgeVersions({ versions: { ...versions, runc: '1.3.2' } }, list)

  expect(findings.map(({ id, level }) => `${id} ${level}`)).toEqual([
    'versions ok',
    ...NOVEMBER.map((cve) => `${cve} warn`),
  ])
  expect(findings[1]).toMatchObject({
    seen: expect.stringContaining('runc 1.3.2 is by its number without the fix of CVE-2025-31133') as string,
    weakens: expect.stringContaining('Cells: ') as string,
    action: 'Install runc 1.2.8, 1.3.3, 1.4.0-rc3 or newer (https://nvd.nist.gov/vuln/detail/CVE-2025-31133)',
  })
  expect(judgeVersions({ versions }, list)).toMatchObject([
    { id: 'versions', level: 'ok', seen: expect.stringContaining('no flaw of the list') as string },
  ])
})

test.for<[string, string]>([
  ['1.1.12+ds1-2', 'https://security-tracker.debian.org/tracker/CVE-2025-31133'],
  ['1.2.5-0ubuntu1~24.04.1', 'https://ubuntu.com/security/CVE-2025-31133'],
  ['1.1.12-3.el9', 'https://access.redhat.com/security/cve/CVE-2025-31133'],
  ['1.2.5-custom', 'ask who built it'],
])('the build of a distribution (%s) is said to be one, with the place that knows', ([runc, place]) => {
  const found = judgeVersions({ versions: { ...versions, runc } }, list).find(({ id }) => id === 'CVE-2025-31133')

  expect(found?.seen).toContain('it is the build of a distribution, which may carry the patch')
  expect(found?.action).toContain(place)
  expect(found?.action).toContain('HOTCELL_ACCEPT=CVE-2025-31133')
})

test('a version that cannot be compared is a finding, a runtime that is not there none', () => {
  const findings = judgeVersions({ versions: { ...versions, runc: null, kernel: 'unknown' } }, list)

  expect(findings.map(({ id, level }) => `${id} ${level}`)).toEqual([
    'versions ok',
    'runc-version warn',
    'kernel-version warn',
  ])
})

test.for<[string, object, RegExp]>([
  ['an unknown key', { severity: 'high' }, /\/flaws\/0\/severity is an unknown key/],
  ['a component that nobody looks at', { component: 'podman' }, /\/flaws\/0\/component/],
  ['no fix', { fixed: [] }, /\/flaws\/0\/fixed/],
  ['a version that is none', { fixed: ['latest'] }, /\/flaws\/0\/fixed\/0/],
  ['no word of what it allows', { allows: '' }, /\/flaws\/0\/allows/],
])('%s in the list is invalid_policy', ([, change, message]) => {
  const raw = { ...list, flaws: [{ ...list.flaws[0], ...change }] }

  expect(() => parseKnownFlaws(raw)).toThrow(message)
  expect(() => parseKnownFlaws(raw)).toThrow(expect.objectContaining({ code: 'invalid_policy' }))
})
