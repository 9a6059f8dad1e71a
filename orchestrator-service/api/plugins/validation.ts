import type { TSchema } from 'typebox'
import { PlatformError } from '../../../src/errors.ts'
import { checkShape } from '../../../src/protocol/check.ts'
import type { HttpServer } from '../context.ts'

/**
 * Theory of operation. Requests are checked by the same code as configurations, so that every error has its pointer and nothing
 * is coerced or removed. Only a query string is text where a number or a flag is meant: there exactly the plain forms are
 * read, and everything else stays text and does not match. Answers are written as they are: a serializer that follows a schema
 * would drop or bend what does not fit, and nobody would notice; tests hold answers against their schemas.
 */
const PLACES = { querystring: '/query', params: '/path', headers: '/headers', body: '' } as const

export function addValidation(server: HttpServer): void {
  server.setValidatorCompiler<TSchema>(({ schema, httpPart }) => checkPart(schema, httpPart))
  server.setSerializerCompiler(() => (data) => JSON.stringify(data))
}

/** For routes whose body is checked behind them, with pointers and codes of its own. */
export function passBody({ schema, httpPart }: { schema: TSchema; httpPart?: string }): Check {
  return httpPart === 'body' ? (value) => ({ value }) : checkPart(schema, httpPart)
}

type Check = (value: unknown) => { value: unknown } | { error: PlatformError }

function checkPart(schema: TSchema, httpPart: string | undefined): Check {
  const part = (httpPart ?? 'body') as keyof typeof PLACES
  return (value) => {
    const read = readPart(schema, part, value)
    const errors = checkShape(schema, read)
    // Only what was asked for is read of the headers; all of them stay
    if (errors.length === 0) return { value: part === 'headers' ? value : read }
    return {
      error: mismatch(errors.map(({ pointer, message }) => ({ pointer: `${PLACES[part]}${pointer}`, message }))),
    }
  }
}

function readPart(schema: TSchema, part: keyof typeof PLACES, value: unknown): unknown {
  if (part === 'querystring') return readQuery(schema, value as Query)
  return part === 'headers' ? readHeaders(schema, value as Query) : value
}

/** The headers that the schema names, as it writes them. */
function readHeaders(schema: TSchema, headers: Query): Record<string, unknown> {
  const names = Object.keys((schema as { properties?: object }).properties ?? {})
  const sent = names.filter((name) => headers[name.toLowerCase()] !== undefined)
  return Object.fromEntries(sent.map((name) => [name, headers[name.toLowerCase()]]))
}

type Query = Readonly<Record<string, string | string[]>>

function mismatch(errors: { pointer: string; message: string }[]): PlatformError {
  const first = errors[0]!
  return new PlatformError(
    'invalid_request',
    `Cannot use the request: ${first.pointer === '' ? 'its body' : `"${first.pointer}"`} ${first.message}`,
    { errors },
  )
}

function readQuery(schema: TSchema, query: Query): Record<string, unknown> {
  const properties = (schema as { properties?: Record<string, { type?: string }> }).properties ?? {}
  const read = Object.entries(query).map(([name, value]): [string, unknown] => {
    const type = Object.hasOwn(properties, name) ? properties[name]!.type : undefined
    return [name, typeof value === 'string' ? readValue(value, type) : value]
  })
  // An assignment would take a `__proto__` for something else than a name that nobody knows
  return Object.fromEntries(read)
}

function readValue(text: string, type: string | undefined): unknown {
  if (type === 'integer' && /^-?\d{1,15}$/.test(text)) return Number(text)
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  return type === 'array' ? [text] : text
}
