import { createHash } from 'node:crypto'
import type { Hasher } from '../src/math/hasher.ts'

export function createNodeHasher(): Hasher {
  const hash = createHash('sha256')
  return { update: (bytes) => void hash.update(bytes), digestHex: () => hash.digest('hex') }
}
