import { PlatformError } from '../../../src/errors.ts'

/** An entry of a log is at most 64 KiB of text, some characters of which take six as JSON. */
const MAX_LINE_CHARACTERS = 1024 * 1024

/** The lines of a body as they come; a last one without line feed counts. */
export async function* lines(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of body) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = parts.pop() ?? ''
    if (rest.length > MAX_LINE_CHARACTERS)
      throw new PlatformError(
        'protocol',
        `Cannot read the log: a line is longer than ${MAX_LINE_CHARACTERS} characters`,
      )
    for (const line of parts) if (line !== '') yield line
  }
  if (rest !== '') yield rest
}
