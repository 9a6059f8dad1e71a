import type { Socket } from 'node:net'

/**
 * The writing side of a cell's connection. Chunks go out in pieces, so that a cell that reads slowly is told from one
 * that does not read at all: only a piece without progress for `stallMs` is a stall. The end of the cell ends a send
 * without an error, because how the cell ended says more than a broken pipe does.
 */
export interface CellInput {
  send(chunks: Iterable<Uint8Array>): Promise<void>
  /** True: all of it is on its way to the cell. */
  end(): Promise<boolean>
  /** The cell has ended or is being ended: pending sends return. */
  close(): void
  readonly bytesSent: number
}

export interface CellInputOptions {
  readonly socket: Socket
  readonly stallMs: number
  readonly onStall: () => void
}

const PIECE_BYTES = 256 * 1024

export function createCellInput({ socket, stallMs, onStall }: CellInputOptions): CellInput {
  const state = { closed: false, bytesSent: 0 }
  const wakers = new Set<() => void>()
  const close = () => {
    state.closed = true
    for (const wake of wakers) wake()
  }
  socket.on('error', close)
  socket.on('close', close)

  /** Waits for `register` to call back, the end of the cell, or a stall. */
  const progress = (register: (done: () => void) => void) =>
    new Promise<void>((resolve) => {
      if (state.closed) {
        resolve()
        return
      }
      const done = () => {
        clearTimeout(timer)
        wakers.delete(done)
        resolve()
      }
      const timer = setTimeout(() => {
        onStall()
        close()
      }, stallMs)
      wakers.add(done)
      register(done)
    })

  return {
    get bytesSent() {
      return state.bytesSent
    },
    close,
    async send(chunks) {
      for (const chunk of chunks) {
        for (let offset = 0; offset < chunk.length && !state.closed; offset += PIECE_BYTES) {
          const piece = chunk.subarray(offset, offset + PIECE_BYTES)
          state.bytesSent += piece.length
          if (!socket.write(piece)) await progress((done) => socket.once('drain', done))
        }
        if (state.closed) return
      }
    },
    async end() {
      let sent = false
      await progress((done) =>
        socket.end(() => {
          sent = true
          done()
        }),
      )
      return sent
    },
  }
}
