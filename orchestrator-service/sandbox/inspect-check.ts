import { isDeepStrictEqual } from 'node:util'
import type { ContainerSpec } from './container-spec.ts'

/** The parts of `docker inspect` that are compared. */
export interface InspectedContainer {
  readonly Config: Readonly<Record<string, unknown>>
  readonly HostConfig: Readonly<Record<string, unknown>>
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, unknown>> | null }
}

const CONFIG_KEYS = [
  'Hostname',
  'User',
  'AttachStdin',
  'AttachStdout',
  'AttachStderr',
  'OpenStdin',
  'StdinOnce',
  'Tty',
] as const

/** Settings that we never ask for and that must therefore be empty. */
const FORBIDDEN_HOST_KEYS = [
  'Binds',
  'VolumesFrom',
  'Links',
  'Devices',
  'DeviceRequests',
  'CapAdd',
  'GroupAdd',
  'Mounts',
  'Sysctls',
  'PidMode',
  'UTSMode',
  'CgroupParent',
  'ExtraHosts',
  'PortBindings',
  'DeviceCgroupRules',
  'DnsOptions',
  'DnsSearch',
] as const

/**
 * What was asked compared with what the engine says it set; the engine drops settings that it does not know without a
 * word. Answers with one line a difference, empty when everything holds.
 */
export function checkInspect(asked: ContainerSpec, got: InspectedContainer): string[] {
  const differences: string[] = []
  const compare = (pointer: string, wanted: unknown, seen: unknown) => {
    if (!isDeepStrictEqual(plain(wanted), plain(seen)))
      differences.push(`${pointer}: ${brief(seen)}, expected ${brief(wanted)}`)
  }
  for (const [key, wanted] of Object.entries(asked.HostConfig))
    compare(`/HostConfig/${key}`, wanted, got.HostConfig[key])
  for (const key of CONFIG_KEYS) compare(`/Config/${key}`, asked[key], got.Config[key])
  // The image may bring labels of its own.
  const labels = (got.Config['Labels'] ?? {}) as Record<string, unknown>
  for (const [key, wanted] of Object.entries(asked.Labels)) compare(`/Config/Labels/${key}`, wanted, labels[key])
  compare('/Config/Env', [...asked.Env].sort(), sortedStrings(got.Config['Env']))
  // Which one is in NetworkMode; here it is by a name of the engine's choice
  const networks = Object.keys(got.NetworkSettings.Networks ?? {})
  if (networks.length !== 1) differences.push(`/NetworkSettings/Networks: ${brief(networks)}, expected one`)
  for (const key of FORBIDDEN_HOST_KEYS) {
    if (!isEmpty(got.HostConfig[key]))
      differences.push(`/HostConfig/${key}: ${brief(got.HostConfig[key])}, expected nothing`)
  }
  if (!isEmpty(got.Config['Volumes']))
    differences.push(`/Config/Volumes: ${brief(got.Config['Volumes'])}, expected nothing`)
  return differences
}

function sortedStrings(value: unknown): unknown {
  return Array.isArray(value) ? value.map(String).sort() : value
}

/** Ulimits come back in an order of the engine's own. */
function plain(value: unknown): unknown {
  if (!Array.isArray(value)) return value
  return [...(value as unknown[])].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true
  return typeof value === 'object' && Object.keys(value).length === 0
}

function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 120 ? `${text.slice(0, 120)}… (${text.length} characters)` : text
}
