import { describe, it } from 'vitest'
import { readConfig } from '../../orchestrator-service/config.ts'

describe('readConfig()', () => {
  it.for([
    ['http://127.0.0.1:8420', 'http://127.0.0.1:8420'],
    ['https://host.example/', 'https://host.example'],
    ['http://[::1]:8420/', 'http://[::1]:8420'],
  ] as const)('takes the address %s', ([given, url], { expect }) => {
    expect(readConfig({ HOTCELL_URL: given }).url).toBe(url)
  })

  it.for([
    'host:8420',
    'ftp://host',
    'http://host/prefix',
    'http://host/?key=1',
    'http://host/#a',
    'http://me:secret@host',
  ])('refuses the address %s, of which a part would have no effect', (given, { expect }) => {
    expect(() => readConfig({ HOTCELL_URL: given })).toThrow('Cannot use HOTCELL_URL')
  })

  it.for([
    [{}, false, []],
    [{ HOTCELL_STRICT: '0' }, false, []],
    [{ HOTCELL_STRICT: '1', HOTCELL_ACCEPT: 'cgroup, CVE-2025-31133' }, true, ['cgroup', 'CVE-2025-31133']],
  ] as const)('takes %j as how strict a start is', ([env, strict, accept], { expect }) => {
    expect(readConfig(env)).toMatchObject({ strict, accept })
  })

  it.for([{ HOTCELL_STRICT: 'yes' }, { HOTCELL_ACCEPT: 'a b' }, { HOTCELL_ACCEPT: ',' }, { HOTCELL_ACCEPT: '*' }])(
    'refuses %j, which cannot be meant',
    (env, { expect }) => {
      expect(() => readConfig(env)).toThrow(`Cannot use ${Object.keys(env)[0]}`)
    },
  )
})
