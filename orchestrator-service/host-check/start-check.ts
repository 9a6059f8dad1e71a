import type { Config } from '../config.ts'
import type { ServiceLog } from '../jobs/job-context.ts'
import { requireStrictHost } from './finding.ts'
import { type HostUnderCheck, inspectHost } from './inspect-host.ts'

/** Before anything is started on a host that has to be strict. @throws host_refused */
export async function requireHost(host: HostUnderCheck, config: Pick<Config, 'strict' | 'accept'>): Promise<void> {
  if (config.strict) requireStrictHost(await inspectHost(host), config.accept)
}

/** Says once what `hotcell doctor` says in full. Never rejects. */
export async function warnOfHost(
  host: HostUnderCheck,
  { accept }: Pick<Config, 'accept'>,
  log: ServiceLog,
): Promise<void> {
  try {
    const findings = await inspectHost(host)
    const weak = findings.filter(({ id, weakens }) => weakens !== null && !accept.includes(id))
    if (weak.length > 0)
      log(
        'warn',
        `Isolation is weaker on this host: ${weak.map(({ id }) => id).join(', ')}; \`hotcell doctor\` says more`,
      )
    for (const { id, level, seen } of findings) if (level === 'warn' && id.startsWith('policy-')) log('warn', seen)
  } catch (error) {
    log('warn', `Cannot look at this host: ${String(error)}`)
  }
}
