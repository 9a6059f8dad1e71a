import { rulesOn, type SeccompProfile } from '../../orchestrator-service/sandbox/seccomp-profile.ts'
import { nameOf } from '../support/syscall-numbers.ts'
import type { SeenCall } from './syscall-events.ts'

type Rule = SeccompProfile['syscalls'][number]

/** One line of the record: what a rule was needed for. */
export interface SeenRule {
  /** How many of the runs showed it. */
  readonly runs: number
  readonly items: readonly string[]
  /** Names of threads. */
  readonly by: readonly string[]
}

export interface TraceRecord {
  readonly made: {
    readonly date: string
    readonly node: string
    readonly runc: string
    readonly kernel: string
    readonly engine: string
  }
  readonly runs: number
  readonly passed: number
  readonly items: readonly string[]
  /** By the key of the rule (`futex`, `fcntl 1=3`). */
  readonly seen: Readonly<Record<string, SeenRule>>
  /** Calls that the filter answered, and so are not needed. */
  readonly refused: Readonly<Record<string, SeenRule>>
}

/** `futex`, or with the arguments that a rule names: `fcntl 1=3`. */
export function ruleKeys({ names, args = [] }: Rule): string[] {
  const suffix = args.map(({ index, value }) => ` ${index}=${value}`).join('')
  return names.map((name) => `${name}${suffix}`)
}

/** The key of the rule that lets a call through. @throws for one that no rule lets through: the record would be wrong */
export function keyOf(profile: SeccompProfile, name: string, args: readonly number[]): string {
  for (const rule of rulesOn(profile, 'x64')) {
    if (rule.action !== 'SCMP_ACT_ALLOW' || !rule.names.includes(name)) continue
    if ((rule.args ?? []).every(({ index, value }) => args[index] === value))
      return ruleKeys({ ...rule, names: [name] })[0]!
  }
  throw new Error(`The kernel let ${name}(${args.join(', ')}) through, which no rule allows`)
}

interface Tally {
  runs: Set<number>
  items: Set<string>
  by: Set<string>
}

/** The kernel looks names up late: one that is none of these is of a later thread with the same number. */
const THREADS = /^(runc|node|node-MainThread|node-V8Worker|WorkerThread|DelayedTaskSche|SignalInspector|libuv-worker)$/

/** Counts what the runs showed. */
export function createTally(profile: SeccompProfile) {
  const seen = new Map<string, Tally>()
  const refused = new Map<string, Tally>()
  return {
    add(call: SeenCall, run: number): void {
      const into = call.args === null ? refused : seen
      const name = call.args === null ? nameOf(call.number) : keyOf(profile, nameOf(call.number), call.args)
      const tally = into.get(name) ?? { runs: new Set(), items: new Set(), by: new Set() }
      into.set(name, tally)
      tally.runs.add(run)
      tally.items.add(call.item)
      if (THREADS.test(call.by)) tally.by.add(call.by)
    },
    read: () => ({ seen: plain(seen), refused: plain(refused) }),
  }
}

function plain(tallies: ReadonlyMap<string, Tally>): Record<string, SeenRule> {
  const rows = [...tallies].map(
    ([key, { runs, items, by }]) => [key, { runs: runs.size, items: [...items].sort(), by: [...by].sort() }] as const,
  )
  return Object.fromEntries(rows.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Rules of the profile that no run showed. */
export function unseenKeys(profile: SeccompProfile, record: Pick<TraceRecord, 'seen'>): string[] {
  return rulesOn(profile, 'x64')
    .filter(({ action }) => action === 'SCMP_ACT_ALLOW')
    .flatMap(ruleKeys)
    .filter((key) => !(key in record.seen))
}
