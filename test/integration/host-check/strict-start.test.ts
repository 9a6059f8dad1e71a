import { chmodSync } from 'node:fs'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { connectEngine } from '../../../orchestrator-service/sandbox/docker-client.ts'
import { createCliSandbox } from '../../support/cli.ts'
import { type EngineProxy, startEngineProxy } from '../../support/engine-proxy.ts'
import { countContainers } from '../../support/service.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

/** A socket of the engine that everybody may write: a weakness that every host can have. */
describe('HOTCELL_STRICT', () => {
  const directory = temporaryDirectory()
  let proxy: EngineProxy
  let env: Readonly<Record<string, string>>

  beforeAll(async () => {
    proxy = await startEngineProxy(directory.path, connectEngine().endpoint.socketPath as string)
    chmodSync(proxy.url.replace('unix://', ''), 0o666)
    env = { DOCKER_HOST: proxy.url, HOTCELL_STRICT: '1' }
  })
  afterAll(() => {
    proxy.close()
    directory[Symbol.dispose]()
  })

  it.for([
    ['serve', '--port', '0'],
    ['run', 'BuyAndHold', '--symbols', 'SYN-BTC', '--interval', '1h'],
  ])('refuses `hotcell %s` on a host that weakens isolation, before anything is made', async (args, { expect }) => {
    await using cli = await createCliSandbox()

    const { code, stdout } = await cli.run([...args, '--json'], { env })
    const { error } = JSON.parse(stdout) as { error: { code: string; hint: string; errors: { pointer: string }[] } }

    expect(code).toBe(6)
    expect(error).toMatchObject({ code: 'host_refused', hint: expect.stringContaining('HOTCELL_ACCEPT') as string })
    expect(error.errors.map(({ pointer }) => pointer)).toContain('/findings/socket')
    expect(await countContainers(cli.dataDir)).toBe(0)
  })

  it('serves where every finding was accepted by its id', async ({ expect }) => {
    await using cli = await createCliSandbox()
    const { stdout } = await cli.run(['doctor', '--json'], { env })
    const { refused } = JSON.parse(stdout) as { refused: string[] }

    const service = await cli.serve({ env: { ...env, HOTCELL_ACCEPT: refused.join(',') } })
    const { code } = await service.stop()

    expect(refused).toContain('socket')
    expect(code).toBe(0)
  })

  it('left out, the start goes on and the log says what is weaker and which policy there is not', async ({
    expect,
  }) => {
    await using cli = await createCliSandbox()
    const info = (await connectEngine().docker.info()) as { Runtimes: object }

    const service = await cli.serve({ env: { DOCKER_HOST: proxy.url, HOTCELL_LOG_LEVEL: 'info' } })
    const said = await service.says(
      'stderr',
      'runsc' in info.Runtimes ? /Isolation is weaker/ : /Cannot use policy \\"strict\\"/,
    )
    await service.stop()

    expect(said).toMatch(/Isolation is weaker on this host: socket/)
  })
})
