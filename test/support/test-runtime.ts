import { loadPolicies, type SandboxPolicy } from '../../orchestrator-service/sandbox/policy.ts'

type Runtime = SandboxPolicy['runtime']

/** HOTCELL_TEST_RUNTIME=runsc: cells of tests run under gVisor, whatever their policy says. The engine must know it. */
export const TEST_RUNTIME: Runtime | null = readRuntime(process.env['HOTCELL_TEST_RUNTIME'])

function readRuntime(value: string | undefined): Runtime | null {
  if (value === undefined || value === '') return null
  if (value === 'runc' || value === 'runsc' || value === 'kata') return value
  throw new Error(`Cannot test under HOTCELL_TEST_RUNTIME "${value}": expected runc, runsc or kata`)
}

export function underTestRuntime(policy: SandboxPolicy): SandboxPolicy {
  return TEST_RUNTIME === null ? policy : { ...policy, runtime: TEST_RUNTIME }
}

/** The policies of the product, under the runtime of the tests. */
export function testPolicies(): ReadonlyMap<string, SandboxPolicy> {
  return new Map([...loadPolicies()].map(([name, policy]) => [name, underTestRuntime(policy)]))
}
