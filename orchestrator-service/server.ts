import type { AddressInfo } from 'node:net'
import type { ApiContext } from './api/context.ts'
import { createServer, type ServerOptions } from './api/create-server.ts'
import { PlatformError } from '../src/errors.ts'

/** How long answers that are being written have at the end; a client that reads slower than this loses its connection. */
const CLOSE_MS = 2000
const IDLE_MS = 25

export interface RunningServer {
  /** As clients reach it. */
  readonly url: string
  /** Takes no more requests, ends all streams, and lets answers on their way finish. */
  close(): Promise<void>
}

/** Serves the API. @throws PlatformError service_unavailable: the address cannot be listened on */
export async function startServer(
  app: ApiContext,
  options: ServerOptions & { readonly host: string; readonly port: number },
): Promise<RunningServer> {
  const { host, port } = options
  const { server, followers, downloads, waits } = await createServer(app, options)
  try {
    await server.listen({ host, port })
  } catch (error) {
    throw new PlatformError('service_unavailable', `Cannot listen on ${host}:${port}: ${(error as Error).message}`, {
      hint: 'Set HOTCELL_HOST and HOTCELL_PORT to an address that is free on this machine',
      cause: error,
    })
  }
  const { address, family, port: bound } = server.server.address() as AddressInfo
  const shown = address === '0.0.0.0' || address === '::' ? 'localhost' : family === 'IPv6' ? `[${address}]` : address
  return {
    url: `http://${shown}:${bound}`,
    async close() {
      followers.close()
      waits.close()
      // A connection whose stream ends only now would be kept for a next request
      const idle = setInterval(() => server.server.closeIdleConnections(), IDLE_MS)
      const cut = setTimeout(() => {
        downloads.close()
        server.server.closeAllConnections()
      }, CLOSE_MS)
      await server.close()
      clearInterval(idle)
      clearTimeout(cut)
    },
  }
}
