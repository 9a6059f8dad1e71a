import type { PlatformError } from '../../src/errors.ts'
import { findNetwork } from './cell-network.ts'
import { callEngine, type EngineClient } from './docker-client.ts'
import type { SandboxPolicy } from './policy.ts'
import { missingRuntime, unfitNetwork } from './policy-trouble.ts'

/** Says whether this engine can do what a policy asks, before anything is made of it. */
export interface PolicyCheck {
  /** Null: it can, or the engine does not say now (a job then waits for it). Never rejects. */
  whyUnavailable(policy: SandboxPolicy): Promise<PlatformError | null>
}

/** An engine learns of a runtime when it is started or reloaded: not often, and asking it takes long. */
const REMEMBER_MS = 10_000

export function createPolicyCheck(engine: EngineClient): PolicyCheck {
  let asked = -Infinity
  let answer: Promise<ReadonlySet<string>> | null = null
  const runtimes = async (): Promise<ReadonlySet<string>> => {
    if (answer === null || performance.now() - asked > REMEMBER_MS) {
      asked = performance.now()
      answer = readRuntimes(engine)
      answer.catch(() => (answer = null))
    }
    return await answer
  }
  return {
    async whyUnavailable(policy) {
      try {
        if (policy.runtime !== USUAL_RUNTIME && !(await runtimes()).has(policy.runtime)) return missingRuntime(policy)
        if (policy.network === 'none') return null
        const found = await findNetwork(engine, policy.network)
        return found === null || found.problems.length === 0 ? null : unfitNetwork(policy, found.problems)
      } catch {
        return null
      }
    },
  }
}

/** Every Docker engine has it. */
const USUAL_RUNTIME = 'runc'

/** Names of the runtimes that the engine has. @throws engine_unavailable, engine_timeout */
async function readRuntimes(engine: EngineClient): Promise<ReadonlySet<string>> {
  const { Runtimes } = await callEngine<{ Runtimes?: Readonly<Record<string, unknown>> | null }>(engine, {
    action: 'ask the engine',
    method: 'GET',
    path: '/info',
  })
  return new Set(Object.keys(Runtimes ?? {}))
}
