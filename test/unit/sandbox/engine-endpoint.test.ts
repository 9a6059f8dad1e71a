import { mkdirSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findEngineEndpoint } from '../../../orchestrator-service/sandbox/engine-endpoint.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

test('the engine is found at DOCKER_HOST, then in the current context, then at the default socket', () => {
  using directory = temporaryDirectory()
  const home = directory.path
  expect(findEngineEndpoint({ env: {}, home })).toMatchObject({ source: 'default', socketPath: '/var/run/docker.sock' })

  const id = createHash('sha256').update('lab').digest('hex')
  const meta = join(home, '.docker', 'contexts', 'meta', id)
  mkdirSync(meta, { recursive: true })
  writeFileSync(
    join(meta, 'meta.json'),
    JSON.stringify({ Name: 'lab', Endpoints: { docker: { Host: 'unix:///run/lab.sock' } } }),
  )
  writeFileSync(join(home, '.docker', 'config.json'), JSON.stringify({ currentContext: 'lab' }))
  expect(findEngineEndpoint({ env: {}, home })).toMatchObject({ source: 'context', socketPath: '/run/lab.sock' })
  expect(findEngineEndpoint({ env: { DOCKER_CONTEXT: 'default' }, home })).toMatchObject({ source: 'default' })
  expect(findEngineEndpoint({ env: { DOCKER_HOST: 'tcp://10.0.0.1' }, home })).toMatchObject({
    source: 'DOCKER_HOST',
    host: '10.0.0.1',
    port: 2375,
  })
  expect(findEngineEndpoint({ env: { DOCKER_HOST: 'tcp://[::1]:99' }, home })).toMatchObject({
    host: '[::1]',
    port: 99,
  })
})

test.for([
  ['ssh', { DOCKER_HOST: 'ssh://me@host' }],
  ['nonsense', { DOCKER_HOST: 'what' }],
  ['a context that is not there', { DOCKER_CONTEXT: 'gone' }],
] as const)('%s is engine_unavailable', ([, env]) => {
  using directory = temporaryDirectory()

  expect(() => findEngineEndpoint({ env, home: directory.path })).toThrow(
    expect.objectContaining({ code: 'engine_unavailable' }),
  )
})
