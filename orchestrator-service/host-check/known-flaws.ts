import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { PlatformError } from '../../src/errors.ts'
import { oneOf } from '../../src/protocol/one-of.ts'
import { POLICY_DIR } from '../sandbox/policy.ts'
import { isBuildOf, isFixedIn, compareVersions, parseVersion, type Version } from './version.ts'

const strict = { additionalProperties: false } as const
export const COMPONENTS = ['docker', 'containerd', 'runc', 'runsc', 'kernel'] as const
export type Component = (typeof COMPONENTS)[number]

const text = Type.String({ minLength: 8, maxLength: 512 })
const versionText = Type.String({ pattern: '^\\d+\\.\\d+(\\.\\d+)?(-rc\\.?\\d+)?$' })

const KnownFlaw = Type.Object(
  {
    cve: Type.String({ pattern: '^CVE-\\d{4}-\\d{4,7}$' }),
    name: Type.String({ minLength: 3, maxLength: 80 }),
    component: oneOf(COMPONENTS),
    /** First release that has it; left out: all before the fix. */
    introduced: Type.Optional(versionText),
    /** First release without it, in each line that was fixed. */
    fixed: Type.Array(versionText, { minItems: 1, maxItems: 16 }),
    /** Builds of distributions that carry the fix in an older number. */
    builds: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { minItems: 1, maxItems: 16 })),
    allows: text,
    /** What of a cell stands before it all the same. */
    cells: text,
  },
  strict,
)
export type KnownFlaw = Static<typeof KnownFlaw>

const FlawFile = Type.Object(
  {
    updated: Type.String({ pattern: '^\\d{4}-\\d{2}$' }),
    flaws: Type.Array(KnownFlaw, { minItems: 1, maxItems: 500 }),
  },
  strict,
)
export type FlawFile = Static<typeof FlawFile>

const FILE = 'host/known-flaws.json'

/** @throws invalid_policy */
export function loadKnownFlaws(dir: string = POLICY_DIR): FlawFile {
  try {
    return parseKnownFlaws(JSON.parse(readFileSync(join(dir, FILE), 'utf8')))
  } catch (cause) {
    if (cause instanceof PlatformError) throw cause
    throw new PlatformError('invalid_policy', `Cannot read "${FILE}": ${(cause as Error).message}`, { cause })
  }
}

/** @throws invalid_policy */
export function parseKnownFlaws(raw: unknown): FlawFile {
  if (Value.Check(FlawFile, raw)) return raw
  const [first] = Value.Errors(FlawFile, raw)
  const pointer = first?.instancePath || '/'
  const message = first?.keyword === 'boolean' ? 'is an unknown key' : (first?.message ?? 'is wrong')
  throw new PlatformError('invalid_policy', `Cannot load "${FILE}": ${pointer} ${message}`, {
    errors: [{ pointer, message }],
    hint: `Correct ${pointer} in sandbox-policies/${FILE}`,
  })
}

/** The flaws that a version has by its number, and that no build named in the list is known to have mended. */
export function flawsOf(component: Component, version: Version, flaws: readonly KnownFlaw[]): KnownFlaw[] {
  return flaws.filter((flaw) => flaw.component === component && hasFlaw(version, flaw))
}

function hasFlaw(version: Version, { introduced, fixed, builds = [] }: KnownFlaw): boolean {
  const since = introduced === undefined ? null : parseVersion(introduced)
  if (since !== null && compareVersions(version, since) < 0) return false
  if (builds.some((build) => isBuildOf(version, build))) return false
  return !isFixedIn(
    version,
    fixed.map(parseVersion).filter((one) => one !== null),
  )
}
