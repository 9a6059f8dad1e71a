import { type Static, type TSchema, Type } from 'typebox'
import { Value } from 'typebox/value'
import { PlatformError } from '../../src/errors.ts'
import type { RuntimeTraits } from './runtimes.ts'

const strict = { additionalProperties: false } as const

const Rules = Type.Array(
  Type.Object(
    {
      names: Type.Array(Type.String({ pattern: '^[a-z0-9_]+$' }), { minItems: 1, maxItems: 64 }),
      action: Type.Union([Type.Literal('SCMP_ACT_ALLOW'), Type.Literal('SCMP_ACT_ERRNO')]),
      errnoRet: Type.Optional(Type.Integer({ minimum: 1, maximum: 133 })),
      args: Type.Optional(
        Type.Array(
          Type.Object(
            {
              index: Type.Integer({ minimum: 0, maximum: 5 }),
              value: Type.Integer({ minimum: 0 }),
              op: Type.Literal('SCMP_CMP_EQ'),
            },
            strict,
          ),
          { minItems: 1, maxItems: 6 },
        ),
      ),
      /** Left out: on both. */
      architecture: Type.Optional(Type.Union([Type.Literal('x64'), Type.Literal('arm64')])),
      comment: Type.String({ minLength: 8, maxLength: 512 }),
    },
    strict,
  ),
  { minItems: 1, maxItems: 256 },
)

/**
 * A seccomp profile as kept in `sandbox-policies/seccomp`: the engine's own form, but every rule says who needs it, and
 * the architecture is chosen when the profile is sent (one, so that no second system call table is open).
 */
export const SeccompProfile = Type.Object(
  {
    defaultAction: Type.Literal('SCMP_ACT_ERRNO'),
    architectures: Type.Object(
      { x64: Type.Literal('SCMP_ARCH_X86_64'), arm64: Type.Literal('SCMP_ARCH_AARCH64') },
      strict,
    ),
    syscalls: Rules,
  },
  strict,
)
export type SeccompProfile = Static<typeof SeccompProfile>

export type CellArchitecture = keyof SeccompProfile['architectures']

/** A profile that allows more than another one: that one's rules and its own. */
const Addition = Type.Object({ base: Type.String({ pattern: '^[a-z0-9-]+\\.json$' }), syscalls: Rules }, strict)

/** The profile of a file; `read` gives the parsed JSON of a name. One step: a base has none. @throws invalid_policy */
export function parseSeccompProfile(file: string, read: (name: string) => unknown): SeccompProfile {
  const raw = read(file)
  if (raw === null || typeof raw !== 'object' || !('base' in raw)) return check(SeccompProfile, raw, file)
  const { base: name, syscalls } = check(Addition, raw, file)
  const base = check(SeccompProfile, read(name), name)
  return { ...base, syscalls: [...base.syscalls, ...syscalls] }
}

function check<T extends TSchema>(schema: T, raw: unknown, file: string): Static<T> {
  if (Value.Check(schema, raw)) return raw
  const errors = [...Value.Errors(schema, raw)].slice(0, 20).map((error) => ({
    pointer: error.instancePath || '/',
    message: error.keyword === 'boolean' ? 'is an unknown key' : error.message,
  }))
  const [first] = errors
  throw new PlatformError(
    'invalid_policy',
    `Cannot load seccomp profile "${file}": ${first?.pointer} ${first?.message}`,
    {
      errors,
      hint: `Correct ${first?.pointer} in sandbox-policies/seccomp/${file}; every rule says in /comment who needs it`,
    },
  )
}

const ENOSYS = 38

/** The rules that hold on an architecture, in their order. */
export function rulesOn(profile: SeccompProfile, architecture: CellArchitecture): SeccompProfile['syscalls'] {
  return profile.syscalls.filter((rule) => rule.architecture === undefined || rule.architecture === architecture)
}

/** The profile as the engine wants it: one architecture, no comments (it would drop unknown keys without a word). */
export function buildSeccompJson(
  profile: SeccompProfile,
  cell: { readonly architecture: CellArchitecture; readonly enosysAction: RuntimeTraits['enosysAction'] },
): string {
  return JSON.stringify({
    defaultAction: profile.defaultAction,
    architectures: [profile.architectures[cell.architecture]],
    syscalls: rulesOn(profile, cell.architecture).map(({ comment: _comment, architecture: _on, ...rule }) => {
      if (rule.errnoRet !== ENOSYS || cell.enosysAction === rule.action) return rule
      const { errnoRet: _errno, ...plain } = rule
      return { ...plain, action: cell.enosysAction }
    }),
  })
}
