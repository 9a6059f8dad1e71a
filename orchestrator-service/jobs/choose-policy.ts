import { PlatformError } from '../../src/errors.ts'
import type { RunOptions } from '../../src/protocol/run-config.ts'
import type { RunDeps } from '../deps.ts'
import type { SandboxPolicy } from '../sandbox/policy.ts'
import type { Role } from '../store/ports.ts'

/** @throws PlatformError invalid_config for a policy that there is not */
export function findPolicy(deps: Pick<RunDeps, 'policies'>, options: RunOptions): SandboxPolicy {
  const policy = deps.policies.get(options.policy)
  if (policy !== undefined) return policy
  const message = `is not a policy; there are ${[...deps.policies.keys()].join(', ')}`
  throw new PlatformError('invalid_config', `Cannot use the configuration: "/options/policy" ${message}`, {
    errors: [{ pointer: '/options/policy', message }],
  })
}

/**
 * The policy that somebody of this role asks for, named or not, before anything is stored or made.
 * @throws PlatformError invalid_config (there is none of that name), forbidden (not for that role), policy_unavailable
 */
export async function choosePolicy(
  deps: Pick<RunDeps, 'policies' | 'policyCheck'>,
  options: RunOptions,
  role: Role,
): Promise<SandboxPolicy> {
  const policy = findPolicy(deps, options)
  if (!mayAsk(policy, role)) {
    const open = [...deps.policies.values()].filter((other) => mayAsk(other, role)).map(({ name }) => name)
    const message = `is not for the role ${role}, which may ask for ${open.length === 0 ? 'none' : open.join(', ')}`
    throw new PlatformError('forbidden', `Cannot use policy "${policy.name}": it ${message}`, {
      errors: [{ pointer: '/options/policy', message }],
      hint: 'Use one of these policies, or a key of another role',
    })
  }
  const trouble = await deps.policyCheck.whyUnavailable(policy)
  if (trouble !== null) throw trouble
  return policy
}

function mayAsk(policy: SandboxPolicy, role: Role): boolean {
  return (policy.roles as readonly Role[]).includes(role)
}
