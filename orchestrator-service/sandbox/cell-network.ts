import { PlatformError } from '../../src/errors.ts'
import { LABEL } from './container-spec.ts'
import { callEngine, EngineError, type EngineClient } from './docker-client.ts'
import type { ListedContainer } from './engine-calls.ts'
import type { SandboxPolicy } from './policy.ts'
import { unfitNetwork } from './policy-trouble.ts'

/**
 * Theory of operation. A policy may name one network of the engine. It has to be internal (no route out of it), the host must
 * have no address on it (a bridge has one by default, and every service of the host that listens everywhere is reachable
 * there), and besides cells it may have one member, the peer that the policy exists for. Cells do not reach each
 * other: their seccomp profile lets them connect, not listen. What is there is looked at before each cell is made, and
 * the cell is attached to the network by its id. A network that is not there is made.
 */
export interface CellNetwork {
  readonly id: string
  /** Names of its members that are no cells. */
  readonly peers: readonly string[]
  /** What keeps it from being used, each with what to do; empty: nothing. */
  readonly problems: readonly string[]
}

interface NetworkAnswer {
  readonly Id: string
  readonly Driver: string
  readonly Internal: boolean
  readonly EnableIPv6: boolean
  readonly Options: Readonly<Record<string, string>> | null
}

const NO_HOST_ADDRESS = { 'com.docker.network.bridge.inhibit_ipv4': 'true' } as const
const MOST_PEERS = 1

/** The network of a policy as it is now; null: there is none of this name. @throws engine_unavailable, engine_timeout */
export async function findNetwork(engine: EngineClient, name: string): Promise<CellNetwork | null> {
  const network = await inspectNetwork(engine, name)
  if (network === null) return null
  const members = await callEngine<ListedContainer[]>(engine, {
    action: 'list the members of a network',
    method: 'GET',
    path: '/containers/json',
    query: { filters: JSON.stringify({ network: [network.Id] }) },
  })
  const peers = members
    .filter(({ Labels }) => !(LABEL.cell in Labels))
    .map(({ Id, Names }) => (Names[0] ?? Id.slice(0, 12)).replace(/^\//, ''))
    .sort()
  return { id: network.Id, peers, problems: problemsOf(network, peers) }
}

/** The id of the network of a policy, made if it is not there; null where the policy has none. @throws policy_unavailable, engine_unavailable, engine_timeout */
export async function provideNetwork(engine: EngineClient, policy: SandboxPolicy): Promise<string | null> {
  const { network } = policy
  if (network === 'none') return null
  const found = (await findNetwork(engine, network)) ?? (await createNetwork(engine, network))
  if (found.problems.length > 0) throw unfitNetwork(policy, found.problems)
  return found.id
}

async function createNetwork(engine: EngineClient, name: string): Promise<CellNetwork> {
  try {
    await callEngine(engine, {
      action: 'create a network',
      method: 'POST',
      path: '/networks/create',
      body: {
        Name: name,
        CheckDuplicate: true,
        Driver: 'bridge',
        Internal: true,
        EnableIPv6: false,
        Attachable: false,
        Options: NO_HOST_ADDRESS,
      },
    })
  } catch (error) {
    // Somebody else was faster
    if (!(error instanceof EngineError && error.status === 409)) throw error
  }
  const made = await findNetwork(engine, name)
  if (made !== null) return made
  throw new PlatformError('engine_unavailable', `Cannot create the network "${name}": it is gone again`)
}

async function inspectNetwork(engine: EngineClient, name: string): Promise<NetworkAnswer | null> {
  try {
    return await callEngine<NetworkAnswer>(engine, {
      action: 'inspect a network',
      method: 'GET',
      path: `/networks/${name}`,
    })
  } catch (error) {
    if (error instanceof EngineError && error.status === 404) return null
    throw error
  }
}

function problemsOf({ Driver, Internal, EnableIPv6, Options }: NetworkAnswer, peers: readonly string[]): string[] {
  const problems = []
  if (Driver !== 'bridge') problems.push(`has the driver ${Driver}, expected bridge`)
  if (!Internal) problems.push('is not internal, expected one without a way out')
  if (EnableIPv6) problems.push('has IPv6, expected IPv4 only')
  for (const [option, wanted] of Object.entries(NO_HOST_ADDRESS))
    if (Options?.[option] !== wanted)
      problems.push(`has an address of the host, expected the option ${option}=${wanted}`)
  if (peers.length > MOST_PEERS)
    problems.push(`has the members ${peers.join(', ')} besides cells, expected only the MongoDB secondary`)
  return problems
}
