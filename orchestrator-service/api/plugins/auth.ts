import { timingSafeEqual } from 'node:crypto'
import { PlatformError } from '../../../src/errors.ts'
import { checkKey, hashSecret } from '../../store/keys.ts'
import { ACCESS, type ApiContext, type HttpServer, type Principal } from '../context.ts'

const BEARER = /^Bearer +([\x21-\x7e]{1,512})$/i

/** Finds out who asks and whether that role may use the route, before anything else of the request is read. */
export function addAuth(server: HttpServer, app: ApiContext, token: string | null): void {
  const tokenHash = token === null ? null : Buffer.from(hashSecret(token))
  server.decorateRequest('principal', null)
  server.addHook('onRoute', ({ url, config, schema }) => {
    if (config?.access === undefined && schema?.hide !== true)
      throw new PlatformError('invariant', `Invariant: cannot add route ${url}: it does not say who may use it`)
  })
  server.addHook('onRequest', async (request) => {
    const { access } = request.routeOptions.config
    const roles = access === undefined ? null : ACCESS[access]
    if (roles === null) return
    const principal = await identify(app, tokenHash, request.headers.authorization)
    request.principal = principal
    if ((roles as readonly string[]).includes(principal.role)) return
    throw new PlatformError(
      'forbidden',
      `Cannot use ${request.method} ${request.routeOptions.url ?? ''}: the role of the key is ${principal.role}, expected ${roles.join(' or ')}`,
    )
  })
}

async function identify(app: ApiContext, tokenHash: Buffer | null, header: string | undefined): Promise<Principal> {
  if (header === undefined) throw unauthorized('it has no key')
  const secret = BEARER.exec(header)?.[1]
  if (secret === undefined) throw unauthorized('its Authorization header is not "Bearer KEY"')
  if (tokenHash !== null && timingSafeEqual(tokenHash, Buffer.from(hashSecret(secret)))) {
    return { keyId: 'local', owner: 'local', role: 'admin' }
  }
  const key = await checkKey(app.stores.keys, secret)
  if (key === null) throw unauthorized('its key is unknown or was revoked')
  return { keyId: key.id, owner: key.owner, role: key.role }
}

function unauthorized(state: string): PlatformError {
  return new PlatformError('unauthorized', `Cannot accept the request: ${state}, expected a valid one`)
}
