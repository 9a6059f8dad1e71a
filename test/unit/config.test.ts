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
})
