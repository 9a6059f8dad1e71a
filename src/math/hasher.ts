/** sha256 as a port: `node:crypto` at the edges, `@noble/hashes` where there is no Node. */
export interface Hasher {
  update(bytes: Uint8Array): void
  /** 64 lower-case hex digits; the hasher is used up. */
  digestHex(): string
}

export type CreateHasher = () => Hasher
