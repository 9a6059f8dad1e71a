import { findNetwork } from '../sandbox/cell-network.ts'
import type { EngineClient } from '../sandbox/docker-client.ts'
import { createPolicyCheck } from '../sandbox/policy-check.ts'
import type { SandboxPolicy } from '../sandbox/policy.ts'
import { readEngineFacts } from './engine-facts.ts'
import { failed, type Finding, good, remark } from './finding.ts'
import { judgeEngine } from './judge-engine.ts'
import { judgeHost } from './judge-host.ts'
import { judgeVersions } from './judge-versions.ts'
import { loadKnownFlaws } from './known-flaws.ts'
import { readLocalFacts } from './local-facts.ts'

export interface HostUnderCheck {
  readonly engine: EngineClient
  readonly policies: readonly SandboxPolicy[]
  readonly dataDir: string
}

/** Everything that can be seen without starting a cell. An engine that is not there is a finding. */
export async function inspectHost({ engine, policies, dataDir }: HostUnderCheck): Promise<Finding[]> {
  try {
    const facts = await readEngineFacts(engine)
    const local = await readLocalFacts(engine, { dataDir, engineDir: facts.rootDir })
    return [
      ...judgeHost(local),
      ...judgeEngine(facts, policies),
      ...judgeVersions(facts, loadKnownFlaws()),
      ...(await judgePolicies(engine, policies)),
    ]
  } catch (error) {
    return [...judgeHost(await readLocalFacts(engine, { dataDir, engineDir: null })), failed('engine', error)]
  }
}

/** One finding a policy: whether this engine can do what it asks. One that it cannot do does not hold back the others. */
async function judgePolicies(engine: EngineClient, policies: readonly SandboxPolicy[]): Promise<Finding[]> {
  const check = createPolicyCheck(engine)
  const findings: Finding[] = []
  for (const policy of policies) {
    const id = `policy-${policy.name}`
    const trouble = await check.whyUnavailable(policy)
    if (trouble === null) findings.push(good(id, await describe(engine, policy)))
    else findings.push(remark(id, `${trouble.message}; it is refused, the others are not`, trouble.hint))
  }
  return findings
}

async function describe(engine: EngineClient, { name, runtime, network, roles }: SandboxPolicy): Promise<string> {
  const what = `Policy "${name}" for ${roles.join(' and ')}, runtime ${runtime}`
  if (network === 'none') return `${what}, no network`
  const found = await findNetwork(engine, network)
  if (found === null) return `${what}, network ${network}: made when it is asked for`
  const [peer] = found.peers
  return `${what}, network ${network}${peer === undefined ? ', no peer yet' : `, peer ${peer}`}`
}
