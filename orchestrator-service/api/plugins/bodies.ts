import { createHash } from 'node:crypto'
import { PlatformError } from '../../../src/errors.ts'
import { parseStrictJson } from '../../../src/protocol/strict-json.ts'
import type { HttpServer } from '../context.ts'

export const MAX_BODY_BYTES = 4 * 1024 * 1024
const LIMITS = { maxBytes: MAX_BODY_BYTES, maxDepth: 16, maxValues: 25_000, maxKeyBytes: 1024 } as const

/** Bodies are JSON, read strictly: no duplicate or forbidden keys, no numbers that are none. */
export function addBodies(server: HttpServer): void {
  server.decorateRequest('bodyHash', '')
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const bytes = body as Buffer
    if (bytes.length === 0) {
      done(null, undefined)
      return
    }
    request.bodyHash = createHash('sha256').update(bytes).digest('hex')
    const parsed = parseStrictJson(bytes, LIMITS)
    if (parsed.ok) {
      done(null, parsed.value)
      return
    }
    const { pointer, message } = parsed.problem
    const code = request.routeOptions.config.bodyError ?? 'invalid_request'
    const detail = `Cannot read the body: ${pointer === '' ? 'it' : `"${pointer}"`} ${message}`
    done(new PlatformError(code, detail, { errors: [{ pointer, message }] }))
  })
}
