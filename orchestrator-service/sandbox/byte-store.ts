const FIRST_BYTES = 64 * 1024

/**
 * Bytes of one stream up to a cap, in one buffer of our own: chunks of the connection are never kept alive. The buffer
 * grows in place: its addresses are reserved for the cap, memory is taken as it fills and given back with the object.
 * (Copying into ever larger buffers left the host with holes of their sizes after a flood.)
 */
export class ByteStore {
  readonly #buffer: ArrayBuffer
  readonly #bytes: Uint8Array
  #length = 0
  readonly #cap: number

  constructor(cap: number) {
    this.#cap = cap
    this.#buffer = new ArrayBuffer(0, { maxByteLength: cap })
    this.#bytes = new Uint8Array(this.#buffer)
  }

  get length(): number {
    return this.#length
  }

  append(bytes: Uint8Array): void {
    const room = Math.min(bytes.length, this.#cap - this.#length)
    if (room <= 0) return
    const needed = this.#length + room
    const size = this.#buffer.byteLength
    if (needed > size) this.#buffer.resize(Math.min(this.#cap, Math.max(needed, size * 2, FIRST_BYTES)))
    this.#bytes.set(bytes.subarray(0, room), this.#length)
    this.#length = needed
  }

  /** A view; valid until the next append. */
  view(): Uint8Array {
    return new Uint8Array(this.#buffer, 0, this.#length)
  }
}

/** The first and the last bytes of a stream, whatever its length. */
export class HeadTail {
  readonly #head: ByteStore
  readonly #tail: Uint8Array
  #bytes = 0
  #tailWritten = 0

  constructor(headBytes: number, tailBytes: number) {
    this.#head = new ByteStore(headBytes)
    this.#tail = new Uint8Array(tailBytes)
    this.headBytes = headBytes
  }

  readonly headBytes: number

  append(bytes: Uint8Array): void {
    this.#bytes += bytes.length
    const room = this.headBytes - this.#head.length
    if (room > 0) this.#head.append(bytes.subarray(0, room))
    let rest = bytes.subarray(Math.min(Math.max(room, 0), bytes.length))
    if (rest.length > this.#tail.length) rest = rest.subarray(rest.length - this.#tail.length)
    const at = this.#tailWritten % this.#tail.length
    const first = Math.min(rest.length, this.#tail.length - at)
    this.#tail.set(rest.subarray(0, first), at)
    this.#tail.set(rest.subarray(first), 0)
    this.#tailWritten += rest.length
  }

  /** head + droppedBytes + tail is the whole stream. */
  read(): { head: Uint8Array; tail: Uint8Array; droppedBytes: number } {
    const kept = Math.min(this.#tailWritten, this.#tail.length)
    const tail = new Uint8Array(kept)
    if (this.#tailWritten <= this.#tail.length) tail.set(this.#tail.subarray(0, kept))
    else {
      const at = this.#tailWritten % this.#tail.length
      tail.set(this.#tail.subarray(at), 0)
      tail.set(this.#tail.subarray(0, at), this.#tail.length - at)
    }
    const head = this.#head.view().slice()
    return { head, tail, droppedBytes: this.#bytes - head.length - tail.length }
  }
}
