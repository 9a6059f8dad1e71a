import { PlatformError } from '../../src/errors.ts'

/** One thing that was looked at. */
export interface Finding {
  /** Stable: `cgroup`, `CVE-2024-21626`, `policy-strict`. */
  readonly id: string
  /** fail: cells cannot run, or would be refused. */
  readonly level: 'ok' | 'warn' | 'fail'
  readonly seen: string
  /** Which part of the isolation; null: none. */
  readonly weakens: string | null
  readonly action: string | null
}

export function good(id: string, seen: string): Finding {
  return { id, level: 'ok', seen, weakens: null, action: null }
}

/** Something that costs time or comfort, not isolation. */
export function remark(id: string, seen: string, action: string): Finding {
  return { id, level: 'warn', seen, weakens: null, action }
}

export function weak(id: string, seen: string, rest: { weakens: string; action: string }): Finding {
  return { id, level: 'warn', seen, ...rest }
}

export function failing(id: string, seen: string, action: string | null): Finding {
  return { id, level: 'fail', seen, weakens: null, action }
}

export function failed(id: string, error: unknown): Finding {
  if (error instanceof PlatformError) return failing(id, error.message, error.hint)
  return failing(id, String(error), null)
}

/** What a strict host does not put up with: whatever fails, and whatever weakens isolation and was not accepted by id. */
export function findRefused(findings: readonly Finding[], accepted: readonly string[]): Finding[] {
  return findings.filter(({ id, level, weakens }) => level === 'fail' || (weakens !== null && !accepted.includes(id)))
}

/** @throws host_refused */
export function requireStrictHost(findings: readonly Finding[], accepted: readonly string[]): void {
  const refused = findRefused(findings, accepted)
  if (refused.length === 0) return
  throw new PlatformError(
    'host_refused',
    `Cannot start: ${refused.length} finding(s) weaken the isolation of this host (${refused.map(({ id }) => id).join(', ')}), and HOTCELL_STRICT is set`,
    { errors: refused.map(({ id, seen }) => ({ pointer: `/findings/${id}`, message: seen })) },
  )
}
