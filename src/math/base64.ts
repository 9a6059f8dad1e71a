/*
 * Base64 of bytes (RFC 4648, padded) through the engine's own codec (ECMAScript 2026); the type library of the compiler
 * does not know it yet.
 */
interface Base64Bytes extends Uint8Array<ArrayBuffer> {
  toBase64(): string
}
interface Base64Constructor {
  fromBase64(text: string, options: { lastChunkHandling: 'strict' }): Uint8Array<ArrayBuffer>
}

export function toBase64(bytes: Uint8Array): string {
  return (bytes as Base64Bytes).toBase64()
}

/** Bytes of a strict base64 text without white space, or null if it is none. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  if (text.length % 4 !== 0) return null
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  try {
    const bytes = (Uint8Array as unknown as Base64Constructor).fromBase64(text, { lastChunkHandling: 'strict' })
    return bytes.length === (text.length / 4) * 3 - padding ? bytes : null
  } catch {
    return null
  }
}
