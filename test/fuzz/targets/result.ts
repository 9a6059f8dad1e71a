import { isDeepStrictEqual } from 'node:util'
import {
  parseRunnerResult,
  RESULT_JSON_LIMITS,
} from '../../../orchestrator-service/results/verify/parse-runner-result.ts'
import { verifyDocument } from '../../../orchestrator-service/results/verify/verify-run.ts'
import { decodeDecisionLog, encodeDecisionLog } from '../../../src/backtest/decision-codec.ts'
import { PlatformError } from '../../../src/errors.ts'
import type { DecisionLogDocument, RunnerResult } from '../../../src/protocol/runner-result.ts'
import { type JsonLimits, parseStrictJson } from '../../../src/protocol/strict-json.ts'
import type { Random } from '../../support/random.ts'
import { honestClaim } from '../../unit/rules/verification-fixture.ts'
import { type FuzzCase, type FuzzTarget, must } from '../fuzz-target.ts'
import { maybeMutate, randomBytes, TRICKY_NUMBERS, TRICKY_TEXTS } from '../mutate.ts'
import { parseNaively } from '../reference/strict-json.ts'

const TIGHT: JsonLimits = { maxBytes: 4000, maxDepth: 6, maxValues: 40, maxKeyBytes: 12 }
const honest = honestClaim()
const honestDecisions = JSON.stringify(honest.claim.decisions)

function checkJson(bytes: Uint8Array, limits: JsonLimits): void {
  const got = parseStrictJson(bytes, limits)
  const wanted = parseNaively(bytes, limits)
  must(
    got.ok === wanted.ok,
    `The parser says ${got.ok ? 'yes' : `no (${got.problem.message})`}, expected ${wanted.ok ? 'yes' : 'no'}`,
  )
  if (got.ok && wanted.ok) must(isDeepStrictEqual(got.value, wanted.value), 'The parser reads another value')
  if (!got.ok)
    must(got.problem.message.length < 1000 && got.problem.pointer.length < 3000, 'The problem is told at length')
}

function checkDecisions(document: DecisionLogDocument): void {
  try {
    const log = decodeDecisionLog(document)
    must(isDeepStrictEqual(encodeDecisionLog(log), document), 'Encoded again, the decisions are others')
  } catch (error) {
    must(error instanceof PlatformError && error.code === 'protocol', `Decoding threw ${String(error)}`)
  }
}

function checkVerdict(bytes: Uint8Array, result: RunnerResult | null): void {
  let rows = 0
  const verdict = verifyDocument(bytes, honest, (message) => message.type === 'rows' && (rows += message.rows))
  must(rows <= 1_000_000, 'More rows are told than may be')
  if (result === null)
    must(verdict.type === 'failed' && verdict.kind === 'protocol', `What is no document is ${verdict.type}`)
  if (verdict.type !== 'verified' || result === null) return
  if (JSON.stringify(result.decisions) !== honestDecisions) return
  // The same decisions on the same candles have one outcome
  must(result.equityHash === honest.claim.equityHash, 'Another equity was verified')
  must(result.records === undefined || result.records === honest.claim.records, 'Other records were verified')
}

const VALUES = ['null', 'true', '{}', '[]', '""', '[[]]', '{"a":{}}'] as const
const quote = (random: Random): string => JSON.stringify(random.pick(TRICKY_TEXTS))

/** JSON of any shape, sometimes with what JSON must not have. */
function anyJson(random: Random, depth: number): string {
  const items = <T>(make: () => T): T[] => Array.from({ length: random.int(0, 4) }, make)
  const space = random.pick(['', '', ' ', '\n\t', '\u00a0'])
  switch (random.int(0, depth > 7 ? 2 : 4)) {
    case 0:
      return quote(random)
    case 1:
      return random.pick(TRICKY_NUMBERS)
    case 2:
      return random.pick(['true', 'false', 'null', 'nul', 'undefined'])
    case 3:
      return `[${space}${items(() => anyJson(random, depth + 1)).join(`,${space}`)}]`
    default:
      return `{${items(() => `${random.chance(0.5) ? quote(random) : `"k${random.int(0, 3)}"`}${space}:${anyJson(random, depth + 1)}`).join(',')}${space}}`
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** Base64 of other bytes, with length, padding or alphabet broken now and then. */
function mutateText(random: Random, text: string): string {
  const pick = random.int(0, 5)
  if (pick === 0) return Buffer.from(maybeMutate(random, Buffer.from(text, 'base64'), 2)).toString('base64')
  if (pick === 1) return Buffer.from(randomBytes(random, Buffer.from(text, 'base64').length)).toString('base64')
  if (pick === 2) return text.slice(0, -1)
  if (pick === 3) return `${text.slice(0, -1)}${random.pick(['=', '-', ' ', 'A', 'B', '/'])}`
  if (pick === 4) return `${text}AAAA`
  return random.pick(TRICKY_TEXTS)
}

function mutateTree(random: Random, value: unknown): void {
  const holders: Record<string, unknown>[] = []
  const pending = [value]
  for (let one = pending.pop(); one !== undefined; one = pending.pop()) {
    if (!isRecord(one)) continue
    holders.push(one)
    pending.push(...Object.values(one))
  }
  const holder = random.pick(holders)
  const names = Object.keys(holder)
  if (names.length === 0) return
  const name = random.pick(names)
  const before = holder[name]
  const pick = random.int(0, 4)
  if (pick === 0) delete holder[name]
  else if (pick === 1)
    holder[random.pick(['x', 'constructor', 'records', 'inspection', 'recordHashes', 'timings'])] = before
  else if (pick === 2) holder[name] = random.pick([0, -1, 1, 2, 1.5, 2 ** 31, 2 ** 53, 1e300, null, '', [], {}, 'open'])
  else if (pick === 3 && typeof before === 'string') holder[name] = mutateText(random, before)
  else if (typeof before === 'number') holder[name] = before + random.pick([-1, 1, 0.5])
  else holder[name] = JSON.parse(random.pick(VALUES))
}

function mutatedClaim(random: Random): string {
  const claim = structuredClone(honest.claim)
  const fields = claim.decisions!.fields as { name: string; bytes: string }[]
  if (random.chance(0.3)) {
    const name = random.pick([
      'size',
      'rank',
      'confidence',
      'intent',
      'entryType',
      'timeInForce',
      'meta',
      'strategyName',
      'executor',
      'nobody',
    ])
    const width = ['intent', 'entryType', 'timeInForce'].includes(name)
      ? 1
      : ['meta', 'strategyName', 'executor'].includes(name)
        ? 4
        : 8
    const bytes = random.chance(0.5) ? new Uint8Array(2 * width).fill(random.int(0, 2)) : randomBytes(random, 2 * width)
    fields.push({ name, bytes: Buffer.from(bytes).toString('base64') })
    if (random.chance(0.5)) claim.decisions!.strings.push(random.pick(TRICKY_TEXTS))
  }
  for (let i = random.int(0, 3); i > 0; i -= 1) mutateTree(random, claim)
  let text = JSON.stringify(claim)
  if (random.chance(0.2)) text = text.replace(/:(-?\d+)/, `:${random.pick(TRICKY_NUMBERS)}`)
  if (random.chance(0.1)) text = text.replace('"v":1', '"v":1,"v":1')
  return text
}

/** The document on a cell's stdout: JSON, shape, decisions, and the verdict about them. */
export const resultTarget: FuzzTarget = {
  make(random): FuzzCase {
    const text = random.chance(0.5) ? mutatedClaim(random) : anyJson(random, 0)
    const deep = random.chance(0.01) ? random.pick(['[', '{"a":', '[[{"b":']).repeat(random.int(1, 60_000)) : ''
    const bytes = maybeMutate(random, new TextEncoder().encode(deep + text), 2)
    return { bytes: new Uint8Array(bytes), settings: {} }
  },
  check({ bytes }) {
    checkJson(bytes, TIGHT)
    checkJson(bytes, RESULT_JSON_LIMITS)
    const parsed = parseRunnerResult(bytes)
    if (parsed.ok) {
      const again = parseRunnerResult(new TextEncoder().encode(JSON.stringify(parsed.result)))
      must(
        again.ok && isDeepStrictEqual(again.result, parsed.result),
        'Written and parsed again, the result is another',
      )
      if (parsed.result.decisions !== undefined) checkDecisions(parsed.result.decisions)
    } else {
      must(parsed.message.length < 5000, 'The refusal is told at length')
    }
    checkVerdict(bytes, parsed.ok ? parsed.result : null)
  },
}
