import { PlatformError } from '../../src/errors.ts'

/**
 * Theory of operation. The engine multiplexes a cell's stdout and stderr on one connection: 8 bytes (stream type, three
 * zero bytes, big-endian length) and that many bytes of payload, again and again. Chunks of the connection are cut
 * anywhere, also inside a header.
 *
 * `push` is iterative and synchronous: when it returns, everything in the chunk was handed to the sinks and nothing is
 * kept but a part of a header. Sinks are synchronous and capped, so the connection itself is the back-pressure: while
 * the host is busy nothing is read, and the cell blocks in write(2). Payload is handed on as views of the chunk: who
 * keeps it copies it.
 *
 * A cap counts the payload of one stream; bytes over it are counted and dropped, and `onOverflow` is called once a
 * stream, at the first dropped byte. The payload is the attacker's, headers are the engine's: bytes that look like a
 * header inside a payload are payload. A header that cannot be right (other stream type, padding not zero, end of the
 * connection inside a frame) is an error of the connection, never skipped.
 */
export interface DemuxOptions {
  readonly onStdout: (bytes: Uint8Array) => void
  readonly onStderr: (bytes: Uint8Array) => void
  readonly stdoutBytes: number
  readonly stderrBytes: number
  readonly onOverflow: (stream: 'stdout' | 'stderr') => void
}

const HEADER_BYTES = 8

class StreamCap {
  bytes = 0
  droppedBytes = 0
  readonly #cap: number
  readonly #deliver: (bytes: Uint8Array) => void
  readonly #overflow: () => void

  constructor(cap: number, deliver: (bytes: Uint8Array) => void, overflow: () => void) {
    this.#cap = cap
    this.#deliver = deliver
    this.#overflow = overflow
  }

  take(payload: Uint8Array): void {
    const room = this.#cap - this.bytes
    this.bytes += payload.length
    if (payload.length <= room) {
      this.#deliver(payload)
      return
    }
    if (room > 0) this.#deliver(payload.subarray(0, room))
    const first = this.droppedBytes === 0
    this.droppedBytes += payload.length - Math.max(room, 0)
    if (first) this.#overflow()
  }
}

export class Demux {
  readonly stdout: StreamCap
  readonly stderr: StreamCap
  readonly #header = new Uint8Array(HEADER_BYTES)
  #headerFilled = 0
  #remaining = 0
  #current: StreamCap | null = null
  #broken = false

  constructor(options: DemuxOptions) {
    this.stdout = new StreamCap(options.stdoutBytes, options.onStdout, () => options.onOverflow('stdout'))
    this.stderr = new StreamCap(options.stderrBytes, options.onStderr, () => options.onOverflow('stderr'))
  }

  /** Takes one chunk of the connection. @throws protocol on a header that the engine cannot have written */
  push(chunk: Uint8Array): void {
    if (this.#broken) return
    let offset = 0
    while (offset < chunk.length) {
      if (this.#remaining > 0) {
        const end = Math.min(offset + this.#remaining, chunk.length)
        this.#remaining -= end - offset
        this.#current?.take(chunk.subarray(offset, end))
        offset = end
        continue
      }
      const end = Math.min(offset + HEADER_BYTES - this.#headerFilled, chunk.length)
      this.#header.set(chunk.subarray(offset, end), this.#headerFilled)
      this.#headerFilled += end - offset
      offset = end
      if (this.#headerFilled === HEADER_BYTES) this.#startFrame()
    }
  }

  /** The connection ended. @throws protocol inside a frame: the rest of it was lost */
  end(): void {
    if (this.#broken || (this.#remaining === 0 && this.#headerFilled === 0)) return
    this.#broken = true
    throw new PlatformError('protocol', "Cannot read the cell's output: the engine's stream ended inside a frame", {
      details: { missingBytes: this.#remaining, headerBytes: this.#headerFilled },
    })
  }

  #startFrame(): void {
    const [type, a, b, c, l0, l1, l2, l3] = this.#header as unknown as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ]
    this.#headerFilled = 0
    if ((type !== 1 && type !== 2) || a !== 0 || b !== 0 || c !== 0) {
      this.#broken = true
      throw new PlatformError(
        'protocol',
        `Cannot read the cell's output: stream type ${type} with padding ${a},${b},${c}, expected 1 or 2 with zeros`,
      )
    }
    this.#current = type === 1 ? this.stdout : this.stderr
    this.#remaining = l0 * 2 ** 24 + l1 * 2 ** 16 + l2 * 2 ** 8 + l3
  }
}
