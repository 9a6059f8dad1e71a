import { PlatformError } from '../../src/errors.ts'
import type { SandboxPolicy } from './policy.ts'

/** Why an engine cannot do what a policy asks: one code, wherever it is found out. */
export function missingRuntime({ name, runtime }: SandboxPolicy): PlatformError {
  return unavailable(
    name,
    `the engine has no runtime "${runtime}", expected it`,
    `Install ${runtime} and register it in daemon.json (docs/operations.md), or use another policy`,
  )
}

export function unfitNetwork({ name, network }: SandboxPolicy, problems: readonly string[]): PlatformError {
  return unavailable(
    name,
    `the network "${network}" ${problems.join(', and ')}`,
    `Take members away with \`docker network disconnect ${network} NAME\`, or remove it with \`docker network rm ${network}\`: it is made anew as it has to be`,
  )
}

function unavailable(policy: string, why: string, hint: string): PlatformError {
  return new PlatformError('policy_unavailable', `Cannot use policy "${policy}": ${why}`, {
    errors: [{ pointer: '/options/policy', message: `is not available here: ${why}` }],
    details: { policy },
    hint,
  })
}
