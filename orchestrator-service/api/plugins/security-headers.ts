import helmet from '@fastify/helmet'
import { createHash } from 'node:crypto'
import type { HttpServer } from '../context.ts'

/** Nothing that this service answers may be run, framed or sniffed by a browser. There is no CORS: browsers of other sites get nothing. */
export async function addSecurityHeaders(server: HttpServer): Promise<void> {
  await server.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"] },
    },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    // Means something for pages that share an origin; the report has one of its own
    originAgentCluster: false,
    referrerPolicy: { policy: 'no-referrer' },
    // Plain HTTP is the rule here: whoever puts TLS in front sets this there
    strictTransportSecurity: false,
  })
  server.addHook('onRequest', async (_request, reply) => {
    reply.header('cache-control', 'no-store')
  })
}

/**
 * A report runs its one script, found by its hash: the last script element, which is ours; whatever else might have got into
 * the file does not run. The sandbox gives it an origin of its own, so that it could not reach the API either.
 */
export function reportPolicy(html: string): string {
  const start = html.lastIndexOf('<script>') + '<script>'.length
  const script = html.slice(start, html.indexOf('</script>', start))
  const hash = createHash('sha256').update(script, 'utf8').digest('base64')
  return `sandbox allow-scripts; default-src 'none'; script-src 'sha256-${hash}'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'`
}
