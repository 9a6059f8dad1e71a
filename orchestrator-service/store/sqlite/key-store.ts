import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { PlatformError } from '../../../src/errors.ts'
import { oneOf } from '../../../src/protocol/one-of.ts'
import { type ApiKey, type KeyStore, ROLES } from '../ports.ts'
import type { Database, Row } from './database.ts'

const COLUMNS = 'id, owner, role, created_at AS createdAt, revoked_at AS revokedAt'

const KeyRow = Type.Object(
  {
    id: Type.String(),
    owner: Type.String(),
    role: oneOf(ROLES),
    createdAt: Type.Integer(),
    revokedAt: Type.Union([Type.Integer(), Type.Null()]),
  },
  { additionalProperties: false },
)
const shape = Compile(KeyRow)

export function createKeyStore(database: Database): KeyStore {
  return {
    add: async ({ id, owner, role, createdAt, revokedAt }, secretHash) =>
      database.transaction(() =>
        database.run(
          'INSERT INTO api_keys VALUES (?, ?, ?, ?, ?, ?)',
          id,
          owner,
          role,
          secretHash,
          createdAt,
          revokedAt,
        ),
      ),
    find: async (secretHash) => {
      const row = database.get(`SELECT ${COLUMNS} FROM api_keys WHERE secret_hash = ?`, secretHash)
      return row === null ? null : parseKey(row)
    },
    list: async () => database.all(`SELECT ${COLUMNS} FROM api_keys ORDER BY created_at, id`).map(parseKey),
    revoke: async (id, at) =>
      database.transaction(() => {
        // The first revocation stands: it says since when the key opens nothing.
        const sql = `UPDATE api_keys SET revoked_at = coalesce(revoked_at, ?) WHERE id = ? RETURNING ${COLUMNS}`
        const row = database.get(sql, at, id)
        if (row === null) throw new PlatformError('unknown_key', `Cannot revoke key "${id}": there is none`)
        return parseKey(row)
      }),
  }
}

/** @throws PlatformError invariant */
function parseKey(row: Row): ApiKey {
  if (shape.Check(row)) return { ...(row satisfies Static<typeof KeyRow>) }
  throw new PlatformError(
    'invariant',
    `Cannot read key "${String(row['id'])}": its row does not have the stored form`,
    {
      hint: 'Put back a backup of hotcell.db from before the damage; docs/operations.md says how',
    },
  )
}
