import type { FastifyReply } from 'fastify'
import { Readable } from 'node:stream'
import type { Gate, Place } from './gate.ts'

/**
 * Theory of operation. A generator is asked for its next chunk only when the client has taken the ones before, so that a slow
 * client costs one stream buffer, not memory without end. A client that takes nothing for a while is cut off: it would hold a
 * place that others wait for. The place is left in every case: end, error, client gone, service ending.
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
  const chunks = await prepare(AbortSignal.any([place.signal, gone.signal]))
  const stream = Readable.from(
    watched(chunks, place, () => reply.raw.destroy()),
    { objectMode: false, highWaterMark: BUFFER_BYTES },
  )
  stream.once('close', leave)
  reply.raw.once('close', () => stream.destroy())
  // The socket may be silent for long while nothing happens to a job
  reply.raw.socket?.setTimeout(0)
  return await reply.send(stream)
}

async function* watched(chunks: Chunks, place: Place, cut: () => void): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of chunks) {
      const timer = setTimeout(cut, place.stallMs)
      try {
        yield typeof chunk === 'string'
          ? Buffer.from(chunk)
          : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      } finally {
        clearTimeout(timer)
      }
    }
  } finally {
    place.leave()
  }
}
