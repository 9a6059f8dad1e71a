import { Type } from 'typebox'
import { createKey } from '../../store/keys.ts'
import type { ApiKey } from '../../store/ports.ts'
import type { ApiServer } from '../context.ts'
import { actorOf, principalOf } from './find-job.ts'
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
      config: { access: 'oversee' },
      schema: {
        operationId: 'listKeys',
        summary: 'List keys, revoked ones too',
        tags: ['keys'],
        querystring: NO_QUERY,
        response: { 200: answers('KeyList', 'Every key, without secrets'), ...keyProblems() },
      },
    },
    async (request, reply) => {
      await app.audit.require({ type: 'keys_listed', by: actorOf(request) })
      return await reply.send({ keys: (await app.stores.keys.list()).map(viewKey) })
    },
  )
  server.post(
    '/v1/admin/keys',
    {
      config: { access: 'administer' },
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
      const { id, owner, role } = key
      try {
        await app.audit.require({ type: 'key_created', key: id, owner, role, by: principalOf(request).keyId })
      } catch (error) {
        await app.stores.keys.revoke(id, Date.now())
        throw error
      }
      return await reply.code(201).send({ ...viewKey(key), secret })
    },
  )
  server.delete(
    '/v1/admin/keys/:id',
    {
      config: { access: 'administer' },
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
    async (request, reply) => {
      const key = await app.stores.keys.revoke(request.params.id, Date.now())
      // A key that must not open anything any more is revoked whether that can be written or not
      app.audit.note({ type: 'key_revoked', key: key.id, by: principalOf(request).keyId })
      await app.audit.flush()
      return await reply.send(viewKey(key))
    },
  )
}

function viewKey({ id, owner, role, createdAt, revokedAt }: ApiKey): ApiKeyView {
  const iso = (ms: number) => new Date(ms).toISOString()
  return { id, owner, role, createdAt: iso(createdAt), revokedAt: revokedAt === null ? null : iso(revokedAt) }
}
