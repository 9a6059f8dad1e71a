import type { PlatformError } from '../../../src/errors.ts'

/** Longer than the service is silent on a stream that is open. */
const SILENCE_MS = 45_000

/** The next chunk of a stream; null at its end. @throws what `fail` makes of a connection that broke or says nothing any more */
export async function readInTime(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  fail: (why: string) => PlatformError,
  silenceMs = SILENCE_MS,
): Promise<Uint8Array | null> {
  const silence = Promise.withResolvers<never>()
  const timer = setTimeout(() => silence.reject(new Error(`silent for ${silenceMs / 1000} s`)), silenceMs)
  try {
    const { done, value } = await Promise.race([reader.read(), silence.promise])
    return done ? null : value
  } catch (error) {
    throw fail(String((error as { message?: unknown }).message ?? error))
  } finally {
    clearTimeout(timer)
  }
}
