import type { FastifyReply } from 'fastify'
import { Readable } from 'node:stream'
import type { Gate, Place } from './gate.ts'

/**
 * Theory of operation. A generator is asked for its next chunk only when the client has taken the ones before, so that a slow
 * client costs one stream buffer, not memory without end. A client that takes nothing for a while is cut off: it would hold a
 * place that others wait for. Large chunks are cut up first: one that is handed over whole counts as taken, and lies in
 * memory for as long as the client likes. The place is left when the answer is over (end, error, client gone, service
 * ending), not when its last byte is handed over.
 */
const BUFFER_BYTES = 64 * 1024

type Chunks = AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>

/**
 * Sends what `prepare` answers with, once there is a place: what costs memory belongs into it. It is given a signal that is
 * aborted when nobody reads any more.
 */
export async function sendStream(
  reply: FastifyReply,
  gate: Gate,
  prepare: (signal: AbortSignal) => Chunks | Promise<Chunks>,
): Promise<FastifyReply> {
  const place = gate.enter()
  const gone = new AbortController()
  const leave = (): void => {
    gone.abort()
    place.leave()
  }
  reply.raw.once('close', leave)
  // Gone before we listened
  if (reply.raw.destroyed) leave()
  const chunks = await prepare(AbortSignal.any([place.signal, gone.signal]))
  const stream = Readable.from(
    watched(chunks, place, () => reply.raw.destroy()),
    { objectMode: false, highWaterMark: BUFFER_BYTES },
  )
  reply.raw.once('close', () => stream.destroy())
  const { socket } = reply.raw
  // The socket may be silent for long while nothing happens to a job; not so while the last bytes are on their way
  socket?.setTimeout(0)
  stream.once('end', () => socket?.setTimeout(place.stallMs))
  return await reply.send(stream)
}

async function* watched(chunks: Chunks, { stallMs }: Place, cut: () => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    for (let at = 0; at < bytes.length; at += BUFFER_BYTES) {
      const timer = setTimeout(cut, stallMs)
      try {
        yield bytes.subarray(at, at + BUFFER_BYTES)
      } finally {
        clearTimeout(timer)
      }
    }
  }
}
