import { Compile } from 'typebox/compile'
import type { TSchema } from 'typebox'

interface Response {
  readonly description: string
  readonly headers?: Readonly<Record<string, unknown>>
  readonly content?: Readonly<Record<string, { schema: TSchema }>>
}

export interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly tags: readonly string[]
  readonly security?: readonly unknown[]
  readonly parameters?: readonly {
    name: string
    in: string
    required: boolean
    schema: TSchema
    description?: string
    example?: unknown
  }[]
  readonly requestBody?: { content: Readonly<Record<string, { schema: TSchema }>> }
  readonly responses: Readonly<Record<string, Response>>
}

export interface ApiDocument {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: {
    readonly schemas: Readonly<Record<string, TSchema & { examples?: unknown[] }>>
    readonly securitySchemes: Readonly<Record<string, unknown>>
  }
  readonly tags: readonly { name: string; description: string }[]
}

/** `GET /v1/backtests/{id}` -> operation. */
export function operationsOf(document: ApiDocument): Map<string, Operation> {
  const operations = new Map<string, Operation>()
  for (const [path, methods] of Object.entries(document.paths))
    for (const [method, operation] of Object.entries(methods))
      operations.set(`${method.toUpperCase()} ${path}`, operation)
  return operations
}

/** A schema of the document with its references replaced; the document has no circles. */
export function resolveSchema<T>(document: ApiDocument, value: T): T {
  if (Array.isArray(value)) return value.map((one: unknown) => resolveSchema(document, one)) as T
  if (typeof value !== 'object' || value === null) return value
  const { $ref } = value as { $ref?: string }
  if (typeof $ref === 'string') {
    const name = $ref.replace('#/components/schemas/', '')
    const target = document.components.schemas[name]
    if (target === undefined) throw new Error(`${$ref} is not in the document`)
    return resolveSchema(document, target) as T
  }
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, resolveSchema(document, one)])) as T
}

/** What keeps a value from matching a schema of the document; empty: nothing. */
export function mismatches(document: ApiDocument, schema: TSchema, value: unknown): string[] {
  const check = Compile(resolveSchema(document, schema))
  return check.Check(value) ? [] : check.Errors(value).map(({ instancePath, message }) => `${instancePath} ${message}`)
}

/** What is wrong with an answer, by what the document says of its route; empty: nothing. */
export async function answerProblems(
  document: ApiDocument,
  route: string,
  answer: globalThis.Response,
): Promise<string[]> {
  const operation = operationsOf(document).get(route)
  if (operation === undefined) return [`${route} is not in the document`]
  const described = operation.responses[String(answer.status)]
  if (described === undefined) return [`${route} answers ${answer.status}, which is not in the document`]
  const type = answer.headers.get('content-type')?.split(';', 1)[0] ?? null
  if (described.content === undefined) return type === null ? [] : [`${route} answers ${answer.status} with a body`]
  const media = type === null ? undefined : described.content[type]
  if (media === undefined) return [`${route} answers ${answer.status} as ${type}`]
  const missing = Object.keys(described.headers ?? {}).filter((name) => !answer.headers.has(name))
  const headers = missing.map((name) => `${route} answers ${answer.status} without ${name}`)
  if (!type!.endsWith('json')) return headers
  return [
    ...headers,
    ...mismatches(document, media.schema, await answer.json()).map((one) => `${route} ${answer.status}: ${one}`),
  ]
}
