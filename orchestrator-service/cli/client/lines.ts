import { PlatformError } from '../../../src/errors.ts'
import { readInTime } from './read-in-time.ts'

/** An entry of a log is at most 64 KiB of text, some characters of which take six as JSON. */
const MAX_LINE_CHARACTERS = 1024 * 1024

/** The lines of a body as they come; a last one without line feed counts. @throws service_unreachable, protocol */
export async function* lines(body: ReadableStream<Uint8Array>, silenceMs?: number): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  const reader = body.getReader()
  let rest = ''
  try {
    for (;;) {
      const chunk = await readInTime(reader, broken, silenceMs)
      if (chunk === null) break
      const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = parts.pop() ?? ''
      if (rest.length > MAX_LINE_CHARACTERS)
        throw new PlatformError(
          'protocol',
          `Cannot read the log: a line is longer than ${MAX_LINE_CHARACTERS} characters`,
        )
      for (const line of parts) if (line !== '') yield line
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
  if (rest !== '') yield rest
}

function broken(why: string): PlatformError {
  return new PlatformError('service_unreachable', `Cannot read the log: the connection is ${why}, expected lines`)
}
