/** A running sha256 as a port: `node:crypto` at the edges, a JavaScript one inside the realm. */
export interface Hasher {
  update(bytes: Uint8Array): void
  /** Lower-case hex of all bytes so far; the hasher cannot be used afterwards. */
  digestHex(): string
}

export type CreateHasher = () => Hasher
