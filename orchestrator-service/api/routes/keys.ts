import { Type } from 'typebox'
import { createKey } from '../../store/keys.ts'
import type { ApiKey } from '../../store/ports.ts'
import type { ApiServer } from '../context.ts'
import { answers, keyProblems, NO_QUERY } from '../schemas/responses.ts'
import { type ApiKeyView, KeyRequest } from '../schemas/shapes.ts'

const KeyParams = Type.Object({
  id: Type.String({
    minLength: 1,
    maxLength: 64,
    description: 'Id of the key, never its secret',
    examples: ['k-abcdefghijkl'],
  }),
})

/** Keys of the API, for administrators. */
export function addKeyRoutes({ app, server }: ApiServer): void {
  server.get(
    '/v1/admin/keys',
    {
      config: { access: 'list keys' },
      schema: {
        operationId: 'listKeys',
        summary: 'List keys, revoked ones too',
        tags: ['keys'],
        querystring: NO_QUERY,
        response: { 200: answers('KeyList', 'Every key, without secrets'), ...keyProblems() },
      },
    },
    async (_request, reply) => await reply.send({ keys: (await app.stores.keys.list()).map(viewKey) }),
  )
  server.post(
    '/v1/admin/keys',
    {
      config: { access: 'change keys' },
      schema: {
        operationId: 'createKey',
        summary: 'Create a key',
        tags: ['keys'],
        querystring: NO_QUERY,
        body: KeyRequest,
        response: { 201: answers('NewKey', 'The key with its secret, which is shown only now'), ...keyProblems(413) },
      },
    },
    async (request, reply) => {
      const { key, secret } = await createKey(app.stores.keys, { ...request.body, now: Date.now() })
      return await reply.code(201).send({ ...viewKey(key), secret })
    },
  )
  server.delete(
    '/v1/admin/keys/:id',
    {
      config: { access: 'change keys' },
      schema: {
        operationId: 'revokeKey',
        summary: 'Revoke a key',
        description: 'A revoked key stays in the list. Revoking it again changes nothing.',
        tags: ['keys'],
        params: KeyParams,
        querystring: NO_QUERY,
        response: { 200: answers('ApiKey', 'The key'), ...keyProblems(404, 413) },
      },
    },
    async (request, reply) => await reply.send(viewKey(await app.stores.keys.revoke(request.params.id, Date.now()))),
  )
}

function viewKey({ id, owner, role, createdAt, revokedAt }: ApiKey): ApiKeyView {
  const iso = (ms: number) => new Date(ms).toISOString()
  return { id, owner, role, createdAt: iso(createdAt), revokedAt: revokedAt === null ? null : iso(revokedAt) }
}
