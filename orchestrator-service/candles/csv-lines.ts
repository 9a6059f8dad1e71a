/**
 * Theory of operation. A file of a stranger is read as a stream of lines, so that its size does not matter, and every
 * quantity that it could inflate has a cap: the bytes after decompression (a bomb), the length of a line (a file without
 * line ends), and what the caller counts. Whether a file is compressed is told by its first bytes, not by its name.
 */
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { StringDecoder } from 'node:string_decoder'
import { createGunzip } from 'node:zlib'
import { PlatformError } from '../../src/errors.ts'

export interface LineLimits {
  /** Of the text after decompression. */
  readonly maxBytes: number
  readonly maxLineBytes: number
}

export const LINE_LIMITS: LineLimits = { maxBytes: 4 * 1024 ** 3, maxLineBytes: 64 * 1024 }

/** Why reading stopped before the end. */
export class UnreadableFile extends Error {}

/**
 * Calls `onLine` with each line (without its end, numbered from 1) of a text file, gzip or plain.
 * @throws PlatformError usage (no such file), UnreadableFile
 */
export async function readLines(
  file: string,
  onLine: (line: string, number: number) => void,
  limits: LineLimits = LINE_LIMITS,
): Promise<{ compressed: boolean; lines: number; bytes: number }> {
  const compressed = await isGzip(file)
  const source = createReadStream(file, { highWaterMark: 1 << 20 })
  const gunzip = compressed ? createGunzip({ chunkSize: 1 << 18 }) : null
  source.on('error', (error) => gunzip?.destroy(error))
  const stream = gunzip === null ? source : source.pipe(gunzip)
  const splitter = createSplitter(onLine, limits.maxLineBytes)
  let bytes = 0
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.byteLength
      if (bytes > limits.maxBytes) throw new UnreadableFile(`it has more than ${limits.maxBytes} bytes of text`)
      splitter.push(chunk)
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')) {
      throw new UnreadableFile(`it is not a whole gzip file (${error.message})`, { cause: error })
    }
    throw error
  } finally {
    source.destroy()
    gunzip?.destroy()
  }
  return { compressed, lines: splitter.end(), bytes }
}

async function isGzip(file: string): Promise<boolean> {
  const cannot = (state: string): PlatformError =>
    new PlatformError('usage', `Cannot read ${JSON.stringify(file)}: ${state}, expected a CSV file`)
  const found = await stat(file).catch((error: unknown) => {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    throw cannot(missing ? 'no such file' : String(error))
  })
  if (!found.isFile()) throw cannot('not a regular file')
  const handle = await open(file, 'r')
  try {
    const head = new Uint8Array(2)
    const { bytesRead } = await handle.read(head, 0, 2, 0)
    return bytesRead === 2 && head[0] === 0x1f && head[1] === 0x8b
  } finally {
    await handle.close()
  }
}

function createSplitter(onLine: (line: string, number: number) => void, maxLineBytes: number) {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  let number = 0
  const emit = (line: string): void => {
    number++
    if (line.length > maxLineBytes) throw new UnreadableFile(`line ${number} is longer than ${maxLineBytes} bytes`)
    const from = number === 1 && line.startsWith('\uFEFF') ? 1 : 0
    onLine(line.slice(from, line.endsWith('\r') ? -1 : undefined), number)
  }
  return {
    push(chunk: Buffer): void {
      const text = rest + decoder.write(chunk)
      let start = 0
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
        emit(text.slice(start, end))
        start = end + 1
      }
      rest = text.slice(start)
      if (rest.length > maxLineBytes) {
        throw new UnreadableFile(`line ${number + 1} is longer than ${maxLineBytes} bytes`)
      }
    },
    end(): number {
      rest += decoder.end()
      if (rest !== '') emit(rest)
      return number
    },
  }
}
