/** sha256 as a port: the bytes come from here, the digest from whoever has one (`node:crypto` at both edges). */
export interface Hasher {
  update(bytes: Uint8Array): void
  /** 64 lower-case hex digits; the hasher is used up. */
  digestHex(): string
}

export type CreateHasher = () => Hasher
