import { parseIsoTime } from '../../../src/protocol/iso-time.ts'
import { Type } from 'typebox'
import { invalidRequest } from '../problem.ts'

/** An instant in a query: ISO 8601 with offset, or epoch milliseconds. */
export const instant = (description: string) =>
  Type.Optional(
    Type.String({
      pattern: '^([0-9]{1,15}|[0-9]{4}-[0-9]{2}-[0-9]{2}T.{1,24})$',
      description: `${description}; ISO 8601 with offset, or milliseconds since 1970`,
      examples: ['2024-01-01T00:00:00Z'],
    }),
  )

/** @throws PlatformError invalid_request */
export function readInstant(text: string | undefined, name: string): number | null {
  if (text === undefined) return null
  if (/^\d+$/.test(text)) return Number(text)
  const time = parseIsoTime(text)
  if (time === null)
    throw invalidRequest(`/query/${name}`, 'must be an ISO 8601 instant with offset, or epoch milliseconds')
  return time
}
