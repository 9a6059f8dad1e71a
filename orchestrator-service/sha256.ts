import { createHash } from 'node:crypto'
import type { CreateHasher } from '../src/math/hasher.ts'

/** The host's sha256 for what `src/` hashes. */
export const createSha256: CreateHasher = () => {
  const hash = createHash('sha256')
  return { update: (bytes) => void hash.update(bytes), digestHex: () => hash.digest('hex') }
}
