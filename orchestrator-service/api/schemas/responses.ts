import { type TSchema, Type } from 'typebox'
import { PROBLEM_TYPE } from '../problem.ts'

const strict = { additionalProperties: false } as const

/** A query that a route does not have: whatever stands there is refused. */
export const NO_QUERY = Type.Object({}, strict)

export const JobParams = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 64, description: 'Id of the job', examples: ['r-abcdefghijklmnop'] }),
})

const RETRY_AFTER = { 'Retry-After': { type: 'string', description: 'Seconds' } } as const

const PROBLEMS = {
  400: { description: 'The request cannot be used; the errors say where' },
  401: {
    description: 'No key, or one that is unknown or revoked',
    headers: { 'WWW-Authenticate': { type: 'string', description: 'Bearer' } },
  },
  403: { description: 'The role of the key may not do that, or not ask for that policy' },
  404: { description: 'There is no such thing, or it belongs to somebody else' },
  409: { description: 'Not in this state' },
  413: { description: 'The body is larger than 4 MiB' },
  415: { description: 'The body is not application/json' },
  422: { description: 'The engine of this service cannot do what the policy asks' },
  429: { description: 'Too much at once', headers: RETRY_AFTER },
  500: { description: 'A bug of the service; its log says more' },
  503: { description: 'The service is starting or ending, or has no engine', headers: RETRY_AFTER },
} as const
type ProblemStatus = keyof typeof PROBLEMS

const problemContent = { [PROBLEM_TYPE]: { schema: { $ref: 'Problem#' } } }

/** Every route can answer with these. */
const EVERYWHERE = [400, 415, 500, 503] as const satisfies readonly ProblemStatus[]
/** Every route that needs a key. */
const WITH_KEY = [401, 403] as const satisfies readonly ProblemStatus[]

export function openProblems(): Record<number, unknown> {
  return problems(EVERYWHERE)
}

export function keyProblems(...more: readonly ProblemStatus[]): Record<number, unknown> {
  return problems([...EVERYWHERE, ...WITH_KEY, ...more])
}

function problems(statuses: readonly ProblemStatus[]): Record<number, unknown> {
  const sorted = [...new Set(statuses)].sort((a, b) => a - b)
  return Object.fromEntries(sorted.map((status) => [status, { ...PROBLEMS[status], content: problemContent }]))
}

/** A JSON answer of a named shape. */
export function answers(
  name: string,
  description: string,
  headers?: Readonly<Record<string, { type: string; description: string }>>,
): unknown {
  const content = { 'application/json': { schema: { $ref: `${name}#` } } }
  return headers === undefined ? { description, content } : { description, headers, content }
}

/** An answer in several media types. */
export function answersIn(description: string, types: Readonly<Record<string, TSchema>>): unknown {
  const content = Object.fromEntries(Object.entries(types).map(([type, schema]) => [type, { schema }]))
  return { description, content }
}

export const NO_CONTENT: unknown = { description: 'Done', type: 'null' }
export const LOCATION = { Location: { type: 'string', description: 'Where the job is' } } as const
