import { PlatformError } from '../errors.ts'
import type { UserPolicySpec, SourceFile } from '../protocol/run-config.ts'

/** Whether a raw spec names code of the user. */
export function isUserPolicy(raw: unknown): raw is UserPolicySpec {
  return typeof raw === 'object' && raw !== null && Object.hasOwn(raw, 'module')
}

/**
 * A user's policy after defaults: an export of a submitted file, a class (A `default`) made with `params`, or a function.
 * @throws `invalid_config` with the pointer of what is wrong
 */
export function readUserPolicy(raw: UserPolicySpec, files: readonly SourceFile[], pointer: string): UserPolicySpec {
  const refuse = (field: string, message: string): never => {
    const errors = [{ pointer: `${pointer}/${field}`, message }]
    throw new PlatformError('invalid_config', `Cannot use component at "${pointer}/${field}": ${message}`, { errors })
  }
  const { module } = raw
  if (!files.some((file) => file.path === module)) refuse('module', `names "${module}", which is not among the files`)
  if (raw.function === undefined) return { module, class: raw.class ?? 'default', params: raw.params ?? {} }
  if (raw.class !== undefined) refuse('function', 'stands beside a class, expected one of them')
  if (raw.params !== undefined) refuse('params', 'are given to a function, expected a class')
  return { module, function: raw.function }
}
