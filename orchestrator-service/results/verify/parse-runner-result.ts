import { RunnerResult } from '../../../src/protocol/runner-result.ts'
import { checkShape } from '../../../src/protocol/check.ts'
import { parseStrictJson, type JsonLimits } from '../../../src/protocol/strict-json.ts'

/** A result is a few long strings: what is deeper or has more values was not written by the runner. */
export const RESULT_JSON_LIMITS: JsonLimits = {
  maxBytes: 64 * 1024 * 1024,
  maxDepth: 16,
  maxValues: 1_200_000,
  maxKeyBytes: 256,
}

/** What a cell wrote on stdout -> a checked document, or why it is none. */
export function parseRunnerResult(
  bytes: Uint8Array,
): { ok: true; result: RunnerResult } | { ok: false; message: string } {
  if (bytes.length === 0) return { ok: false, message: 'The cell ended without a result document' }
  const parsed = parseStrictJson(bytes, RESULT_JSON_LIMITS)
  if (!parsed.ok) {
    const { pointer, message } = parsed.problem
    return { ok: false, message: `The result document ${pointer === '' ? '' : `at ${pointer} `}${message}` }
  }
  const errors = checkShape(RunnerResult, parsed.value)
  if (errors.length > 0) {
    const first = errors[0]!
    return {
      ok: false,
      message: `The result document at ${first.pointer === '' ? 'its root' : first.pointer} ${first.message}`,
    }
  }
  return { ok: true, result: parsed.value as RunnerResult }
}
