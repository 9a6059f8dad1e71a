import { PlatformError } from '../../../src/errors.ts'
import type { App } from '../../app.ts'
import type { Config } from '../../config.ts'
import { newToken } from '../client/open-service.ts'
import { removeServiceFile, writeServiceFile } from '../client/service-file.ts'
import type { CommandContext } from '../context.ts'
import type { CliIo } from '../io.ts'

export interface ServeFlags {
  host?: string
  port?: string
}

const EXIT_BY_SIGNAL = { SIGINT: 130, SIGTERM: 143 } as const

/**
 * Serves until SIGTERM or Ctrl-C, then takes nothing more, lets running jobs end for a while and leaves the rest to the
 * next start. A second signal ends it at once.
 */
export async function serve(context: CommandContext, flags: ServeFlags): Promise<number> {
  const { io } = context
  const config = withFlags(context.config, flags)
  const [{ openApp }, { startServer }, { createServiceLog }] = await Promise.all([
    import('../../app.ts'),
    import('../../server.ts'),
    import('../service-log.ts'),
  ])
  const log = createServiceLog(config.logLevel)
  const ending = onSignal(io)
  await using app = await openApp(config, { log })
  showFirstKey(io, app)
  const token = newToken()
  const server = await startServer(app, { host: config.host, port: config.port, token, logLevel: config.logLevel })
  try {
    const { url } = server
    writeServiceFile(config.dataDir, { url, token, pid: process.pid })
    await app.start()
    if (io.json) io.out(JSON.stringify({ url, pid: process.pid, dataDir: config.dataDir, firstKey: app.firstKey }))
    else io.out(`Hotcell serves ${url}, data in ${config.dataDir}`)
    const signal = await ending
    log('info', `${signal}: ending; running jobs have ${config.drainMs} ms`)
    await app.drain(config.drainMs)
  } finally {
    removeServiceFile(config.dataDir)
    await server.close()
  }
  return 0
}

function withFlags(config: Config, { host, port }: ServeFlags): Config {
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) <= 65_535))
    throw new PlatformError('usage', `Cannot read --port "${port}": expected a whole number from 0 to 65535`)
  return { ...config, host: host ?? config.host, port: port === undefined ? config.port : Number(port) }
}

async function onSignal(io: CliIo): Promise<'SIGINT' | 'SIGTERM'> {
  return await new Promise((resolve) => {
    let asked = false
    const end = (signal: 'SIGINT' | 'SIGTERM'): void => {
      if (asked) process.exit(EXIT_BY_SIGNAL[signal])
      asked = true
      io.err('Ending; once more to end at once')
      resolve(signal)
    }
    process.on('SIGINT', end)
    process.on('SIGTERM', end)
  })
}

/** As soon as it is made: whatever fails afterwards, it cannot be shown again. */
function showFirstKey(io: CliIo, { firstKey }: App): void {
  if (firstKey === null) return
  io.err(
    `First key: ${firstKey.key.id}, owner ${firstKey.key.owner}, role ${firstKey.key.role}. It is not shown again:`,
  )
  io.err(`  ${firstKey.secret}`)
}
