import type { FastifyReply } from 'fastify'
import { Readable } from 'node:stream'
import type { Gate, Place } from './gate.ts'

/**
 * Theory of operation. A generator is asked for its next chunk only when the client has taken the ones before, so that a slow
 * client costs one stream buffer, not memory without end. A client that takes nothing for a while is cut off: it would hold a
 * place that others wait for. The place is left in every case: end, error, client gone, service ending.
 */
const BUFFER_BYTES = 64 * 1024

/** Sends what `chunks` yields; it is given a signal that is aborted when nobody reads any more. */
export async function sendStream(
  reply: FastifyReply,
  gate: Gate,
  chunks: (signal: AbortSignal) => AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
): Promise<FastifyReply> {
  const place = gate.enter()
  const gone = new AbortController()
  const signal = AbortSignal.any([place.signal, gone.signal])
  const stream = Readable.from(
    watched(chunks(signal), place, () => reply.raw.destroy()),
    {
      objectMode: false,
      highWaterMark: BUFFER_BYTES,
    },
  )
  // The socket may be silent for long while nothing happens to a job
  reply.raw.socket?.setTimeout(0)
  stream.once('close', () => gone.abort())
  reply.raw.once('close', () => {
    gone.abort()
    place.leave()
    stream.destroy()
  })
  return await reply.send(stream)
}

async function* watched(
  chunks: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
  place: Place,
  cut: () => void,
): AsyncGenerator<Buffer> {
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
