import { createServer, connect, type Socket } from 'node:net'
import { join } from 'node:path'

/** A socket in front of the real engine that can be frozen: connections stay open and nothing moves. */
export interface EngineProxy {
  readonly url: string
  freeze(): void
  /** Freezes when a request whose first line matches arrives; the request still reaches the engine. */
  freezeAfter(request: RegExp): void
  close(): void
}

export async function startEngineProxy(directory: string, engineSocket: string): Promise<EngineProxy> {
  const path = join(directory, 'engine.sock')
  const sockets = new Set<Socket>()
  let frozen = false
  let trigger: RegExp | null = null
  // The end of a cell's input must not end its output
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const engine = connect({ path: engineSocket, allowHalfOpen: true })
    for (const socket of [client, engine]) {
      sockets.add(socket)
      socket.on('error', () => {})
      if (frozen) socket.pause()
    }
    client.on('data', (data) => {
      engine.write(data)
      if (trigger?.test(data.toString('latin1').split('\r\n')[0] ?? '') === true) freeze()
    })
    engine.on('data', (data) => client.write(data))
    client.on('end', () => frozen || engine.end())
    engine.on('end', () => frozen || client.end())
    client.on('close', () => engine.destroy())
    if (frozen) for (const socket of [client, engine]) socket.pause()
  })
  const freeze = () => {
    frozen = true
    for (const socket of sockets) socket.pause()
  }
  await new Promise<void>((resolve) => server.listen(path, resolve))
  return {
    url: `unix://${path}`,
    freeze,
    freezeAfter: (request) => {
      trigger = request
    },
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
