import { PlatformError } from '../../../src/errors.ts'
import type { HttpServer } from '../context.ts'

/** Every path answers the methods that it has not with 405 and Allow. To be called before the routes; the answer after them. */
export function collectMethods(server: HttpServer): () => void {
  const methods = new Map<string, Set<string>>()
  server.addHook('onRoute', ({ url, method, config }) => {
    if (config?.access === undefined) return
    const known = methods.get(url) ?? new Set()
    for (const one of [method].flat()) known.add(one)
    methods.set(url, known)
  })
  return () => {
    for (const [url, known] of methods) {
      const allow = [...known].sort().join(', ')
      server.route({
        url,
        method: server.supportedMethods.filter((method) => !known.has(method)),
        schema: { hide: true },
        onRequest: async (request, reply) => {
          reply.header('allow', allow)
          const state = `Cannot use ${request.method} ${url}: there is no such method, expected ${allow}`
          throw new PlatformError('method_not_allowed', state)
        },
        handler: async () => {},
      })
    }
  }
}
