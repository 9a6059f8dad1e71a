import { createHash, randomBytes } from 'node:crypto'
import type { ApiKey, KeyStore, Role } from './ports.ts'

/**
 * Theory of operation. A secret has 256 random bits, so one fast hash protects it as well as a slow one would. It is
 * found by that hash: how long the search takes says nothing about a secret that nobody can come near by trying.
 */
export const KEY_FORM = /^hk_[A-Za-z0-9_-]{43}$/

const ID_LETTERS = 'abcdefghijklmnopqrstuvwxyz234567'

/** sha256, hex. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret, 'utf8').digest('hex')
}

/** Makes and stores a key; the secret is known to the caller only and shown once. */
export async function createKey(
  keys: KeyStore,
  { owner, role, now }: { readonly owner: string; readonly role: Role; readonly now: number },
): Promise<{ key: ApiKey; secret: string }> {
  const secret = `hk_${randomBytes(32).toString('base64url')}`
  const key: ApiKey = { id: newKeyId(), owner, role, createdAt: now, revokedAt: null }
  await keys.add(key, hashSecret(secret))
  return { key, secret }
}

/** The key that a secret belongs to; null for one that is unknown or revoked. */
export async function checkKey(keys: KeyStore, secret: string): Promise<ApiKey | null> {
  if (!KEY_FORM.test(secret)) return null
  const key = await keys.find(hashSecret(secret))
  return key === null || key.revokedAt !== null ? null : key
}

function newKeyId(): string {
  return `k-${Array.from(randomBytes(12), (byte) => ID_LETTERS[byte & 31]).join('')}`
}
