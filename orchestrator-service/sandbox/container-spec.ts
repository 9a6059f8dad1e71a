import { PlatformError } from '../../src/errors.ts'
import type { SandboxPolicy } from './policy.ts'
import { RUNTIMES } from './runtimes.ts'
import { buildSeccompJson, type CellArchitecture } from './seccomp-profile.ts'

/** Labels of every container of ours. They cannot be changed later, so nothing of a job stands in them. */
export const LABEL = {
  instance: 'hotcell.instance',
  cell: 'hotcell.cell',
  policy: 'hotcell.policy',
  created: 'hotcell.created',
} as const

export interface CellIdentity {
  /** Image id or reference; never from a user. */
  readonly image: string
  readonly instance: string
  readonly cellId: string
  readonly createdMs: number
  readonly architecture: CellArchitecture
  /** Of the network that the policy names; null where it names none. */
  readonly networkId: string | null
}

/** What the engine is asked for: the body of its create call and the name. */
export type ContainerSpec = ReturnType<typeof buildContainerSpec>

export const TMPFS_PATH = '/tmp'

export function cellName(instance: string, cellId: string): string {
  return `hotcell-${instance}-${cellId}`
}

export function cpuQuotaMicros(policy: Pick<SandboxPolicy, 'cores' | 'cpuPeriodMicros'>): number {
  return policy.cores * policy.cpuPeriodMicros
}

/** The ulimits of a cell. `nproc` is never set: the kernel counts it per user over all cells. */
export function cellUlimits(policy: SandboxPolicy): { Name: string; Soft: number; Hard: number }[] {
  const limits = [
    ['core', policy.core],
    ['fsize', policy.fsizeBytes],
    ['memlock', policy.memlockBytes],
    ['msgqueue', policy.msgqueueBytes],
    ['nofile', policy.nofile],
  ] as const
  return limits.map(([Name, value]) => ({ Name, Soft: value, Hard: value }))
}

/** (policy, identity) -> Docker create JSON. Pure: the same input gives the same bytes. @throws invariant */
export function buildContainerSpec(policy: SandboxPolicy, identity: CellIdentity) {
  if ((policy.network === 'none') !== (identity.networkId === null))
    throw new PlatformError('invariant', `Invariant: a cell of "${policy.name}" has the network ${policy.network}`)
  return {
    name: cellName(identity.instance, identity.cellId),
    Image: identity.image,
    Hostname: policy.hostname,
    User: `${policy.uid}:${policy.gid}`,
    Env: Object.entries(policy.environment)
      .map(([key, value]) => `${key}=${value}`)
      .sort(),
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    OpenStdin: true,
    StdinOnce: true,
    Tty: false,
    Labels: {
      [LABEL.instance]: identity.instance,
      [LABEL.cell]: identity.cellId,
      [LABEL.policy]: policy.hash,
      [LABEL.created]: String(identity.createdMs),
    },
    HostConfig: buildHostConfig(policy, identity),
  }
}

function buildHostConfig(policy: SandboxPolicy, { architecture, networkId }: CellIdentity) {
  const { enosysAction } = RUNTIMES[policy.runtime]
  return {
    Runtime: policy.runtime,
    Privileged: false,
    AutoRemove: false,
    RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
    ReadonlyRootfs: true,
    Tmpfs: tmpfsSetting(policy),
    // By its id: the very network that was looked at, whatever has its name by then
    NetworkMode: networkId ?? 'none',
    // What the engine's resolver in the cell does not know it asks there, which is nobody
    Dns: networkId === null ? [] : ['127.0.0.1'],
    IpcMode: 'none',
    CgroupnsMode: 'private' as const,
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges', `seccomp=${buildSeccompJson(policy.seccomp, { architecture, enosysAction })}`],
    MaskedPaths: [...policy.maskedPaths],
    ReadonlyPaths: [...policy.readonlyPaths],
    Memory: policy.memoryBytes,
    MemorySwap: policy.memoryBytes,
    CpuPeriod: policy.cpuPeriodMicros,
    CpuQuota: cpuQuotaMicros(policy),
    CpuShares: policy.cpuShares,
    PidsLimit: policy.pids,
    Ulimits: cellUlimits(policy),
    LogConfig: {
      Type: 'local',
      Config: { 'max-size': String(policy.engineLogBytes), 'max-file': '1', compress: 'false' },
    },
  }
}

export function tmpfsSetting(policy: SandboxPolicy): Record<string, string> {
  const options = `rw,noexec,nosuid,nodev,size=${policy.tmpfsBytes},nr_inodes=${policy.tmpfsInodes},mode=1777`
  return { [TMPFS_PATH]: options }
}
