import { Readable } from 'node:stream'
import type Docker from 'dockerode'
import { PlatformError } from '../../../src/errors.ts'
import { buildImageTar, type ImagePlan } from './image-tar.ts'

const INSPECT_TIMEOUT_MS = 10_000
const LOAD_TIMEOUT_MS = 180_000
const MAX_ANSWER_BYTES = 1024 * 1024

export interface LoadedImage {
  readonly id: string
  readonly layers: readonly string[]
  /** The engine's word: amd64, arm64. */
  readonly arch: string
}

/** The image behind a tag as the engine knows it, or null. */
export async function inspectImage(docker: Docker, ref: string): Promise<LoadedImage | null> {
  try {
    const facts = await withTimeout(docker.getImage(ref).inspect(), INSPECT_TIMEOUT_MS)
    return { id: facts.Id, layers: facts.RootFS.Layers ?? [], arch: facts.Architecture }
  } catch (cause) {
    if ((cause as { statusCode?: number }).statusCode === 404) return null
    throw engineError(`Cannot inspect image "${ref}"`, cause)
  }
}

/** Sends the image to the engine and waits until it has taken it. */
export async function loadImage(
  docker: Docker,
  plan: ImagePlan,
  leftOut: ReadonlySet<string> = new Set(),
): Promise<void> {
  const tar = Readable.from(buildImageTar(plan, leftOut), { objectMode: false, highWaterMark: 1024 * 1024 })
  const failed = new Promise<never>((_, reject) => void tar.once('error', reject))
  const options = { quiet: 1, abortSignal: AbortSignal.timeout(LOAD_TIMEOUT_MS) }
  try {
    await Promise.race([docker.loadImage(tar, options).then(readAnswer), failed])
  } catch (cause) {
    throw engineError(`Cannot load image "${plan.ref}"`, cause)
  } finally {
    tar.destroy()
  }
}

/**
 * The engine answers with one JSON document a line and reports failures there, under status 200.
 * @throws Error with the engine's words
 */
export async function readAnswer(answer: NodeJS.ReadableStream): Promise<void> {
  let text = ''
  for await (const chunk of answer) {
    text += String(chunk)
    if (text.length > MAX_ANSWER_BYTES) throw new Error(`the engine answered more than ${MAX_ANSWER_BYTES} bytes`)
  }
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue
    const { error } = JSON.parse(line) as { error?: string }
    if (error !== undefined) throw new Error(error)
  }
}

/** For calls that the client library cannot abort. */
async function withTimeout<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    late.reject(new DOMException(`no answer within ${timeoutMs} ms`, 'TimeoutError'))
  }, timeoutMs)
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

export function engineError(action: string, cause: unknown): PlatformError {
  if (cause instanceof PlatformError) return cause
  const { name, code, message } = cause as { name?: string; code?: string; message?: string }
  if (name === 'AbortError' || name === 'TimeoutError') {
    return new PlatformError('engine_timeout', `${action}: no answer in time, expected one`, { cause })
  }
  if (
    code === 'ENOENT' ||
    code === 'ECONNREFUSED' ||
    code === 'EACCES' ||
    code === 'ENOTFOUND' ||
    code === 'ECONNRESET'
  ) {
    return new PlatformError('engine_unavailable', `${action}: ${message ?? code}`, { cause, details: { error: code } })
  }
  return new PlatformError('image_build_failed', `${action}: ${message ?? String(cause)}`, { cause })
}
