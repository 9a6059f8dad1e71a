import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { PlatformError } from '../../../src/errors.ts'
import type { HttpServer } from '../context.ts'
import { buildProblem, PROBLEM_TYPE, publicError, sendProblem } from '../problem.ts'
import { MAX_BODY_BYTES } from './bodies.ts'

const LINGER_MS = 5000

/** Every error leaves as problem+json. */
export function addErrors(server: HttpServer): void {
  server.setErrorHandler(async (error, request, reply) => await answerError(error as FastifyError, request, reply))
  server.setNotFoundHandler(async (request, reply) => {
    const path = request.url.split('?', 1)[0]!.slice(0, 200)
    const state = `Cannot answer ${request.method} ${JSON.stringify(path)}: there is no such route`
    await sendProblem(reply, new PlatformError('unknown_route', state))
  })
}

export async function answerError(
  error: FastifyError | PlatformError,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const known = error instanceof PlatformError ? error : ofFramework(error)
  const answer = publicError(known, request.id)
  if (answer.code === 'body_too_large') lingerOnClose(request.socket)
  if (answer !== known) request.log.error({ err: known.cause ?? known }, 'request failed')
  await sendProblem(reply, answer)
}

/**
 * A socket that is destroyed while bytes of the client are unread is reset, and the reset takes the answer with it.
 * So only the sending side is closed, and what still comes is read and dropped for a while.
 */
function lingerOnClose(socket: Socket): void {
  socket.destroySoon = () => {
    const timer = setTimeout(() => socket.destroy(), LINGER_MS)
    socket.once('close', () => clearTimeout(timer)).end()
  }
}

function ofFramework(error: FastifyError): PlatformError {
  switch (error.code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new PlatformError('unsupported_media_type', 'Cannot read the body: its type is not application/json')
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new PlatformError('body_too_large', `Cannot read the body: it is larger than ${MAX_BODY_BYTES} bytes`)
    default:
      break
  }
  const { statusCode } = error
  if (statusCode === 503) return new PlatformError('service_unavailable', 'Cannot answer: the service is ending')
  const byClient = statusCode !== undefined && statusCode >= 400 && statusCode < 500
  return byClient
    ? new PlatformError('invalid_request', `Cannot use the request: ${error.message}`)
    : new PlatformError('invariant', `Cannot answer: ${error.message}`, { cause: error })
}

/** What Node's parser refuses never becomes a request: the answer is written on the socket. */
export function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const answer = buildProblem(ofParser(error.code))
  const problem = JSON.stringify(answer)
  const head = [
    `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? ''}`,
    `content-type: ${PROBLEM_TYPE}`,
    `content-length: ${Buffer.byteLength(problem)}`,
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${problem}`)
}

function ofParser(code: string | undefined): PlatformError {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new PlatformError('headers_too_large', 'Cannot read the request: its headers are larger than 16 KiB')
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new PlatformError('request_timeout', 'Cannot read the request: it did not arrive in time')
  return new PlatformError('invalid_request', 'Cannot read the request: it is not HTTP/1.1')
}
