import assert from 'node:assert/strict'
import type { CellEvent } from '../../src/protocol/events.ts'
import type { RunEnd } from '../../orchestrator-service/jobs/run-backtest.ts'
import type { SandboxPolicy } from '../../orchestrator-service/sandbox/policy.ts'
import type { EngineSwitch } from './attack-ablation.ts'
import type { CALM, WIDE } from './attack-candles.ts'
import type { AttackedService } from './attack-client.ts'

/** Sizes and times of a policy that an attack may have shortened; what seals a cell is not among them. */
export type PolicyTweaks = Partial<
  Pick<SandboxPolicy, 'memoryBytes' | 'wallTimeMs' | 'noEventTimeMs' | 'barTimeMs' | 'loadTimeMs'>
>

/** Source file -> its text with a change; a change that changes nothing any more is an error. */
export type Changes = Readonly<Record<string, (text: string) => string>>

export interface Expected {
  readonly kind: string
  readonly reason: string | null
}

/** What an attack is about: the groups of the table in docs/security.md. */
export const FAMILIES = [
  'resources',
  'output',
  'integrity',
  'kernel',
  'network',
  'neighbours',
  'submissions',
  'service',
] as const

interface AttackBase {
  readonly name: string
  readonly family: (typeof FAMILIES)[number]
  /** One line for the table in docs/security.md; as are the next two. */
  readonly technique: string
  readonly stoppedBy: string
  readonly behind: string
  readonly expect: Expected
  /** From submission to outcome, with the benign job beside it; A 60 s. */
  readonly maxMs?: number
  /** Why it is not run once more without its first layer. An attack has either this or `ablated`. */
  readonly singleLayer?: string
}

/** The first layer switched off, in test code and test images only, and how the attack ends then. */
interface AblationBase {
  /** Names the layer. */
  readonly off: string
  readonly expect: Expected
  /** Sources of the host that are changed: the service then runs in a process of its own. */
  readonly host?: Changes
}

/**
 * A hostile program and its one expected outcome.
 *
 * realm: a submitted strategy in the real runner. open: the realm is taken as broken; the program runs as plain Node with
 * the rights of the cell's user (`attack-main.ts` says what it finds there). runner: the real runner with one source
 * changed, so a cell that lies.
 */
export interface CellAttack extends AttackBase {
  readonly where: 'realm' | 'open' | 'runner'
  readonly source: string
  /** runner: what is changed, per source file. */
  readonly changes?: Changes
  readonly policy?: PolicyTweaks
  /** Fields of the submitted configuration beside strategy, files and symbols. */
  readonly config?: Readonly<Record<string, unknown>>
  /** A CALM; WIDE has more bytes than the pipes to a cell hold. */
  readonly symbol?: typeof CALM | typeof WIDE
  /** Throws when an effect of the attack is seen that must not be, or one is missing. */
  readonly check?: (seen: AttackSeen) => void
  readonly ablated?: CellAblation
}

export interface CellAblation extends AblationBase {
  /** Settings that an engine leaves out without saying so; the cell attests what it was to be. */
  readonly engine?: readonly EngineSwitch[]
  /** Values of the policy, raised; on top of the attack's own. */
  readonly policy?: Partial<SandboxPolicy>
  /** Sources of the program in the cell. */
  readonly cell?: Changes
  /** Sources of the thread that verifies. */
  readonly verifier?: Changes
  /** The program, where it goes on differently without the layer. */
  readonly source?: string
  /** In the place of the attack's own. */
  readonly check?: (seen: AttackSeen) => void
}

/** A hostile client of a real `hotcell serve`; its outcome is `refused(code of the problem)` or `harmless`. */
export interface ClientAttack extends AttackBase {
  readonly where: 'client'
  /** Environment of the service beside its data directory. */
  readonly env?: Readonly<Record<string, string>>
  /** Attacks, looks at the effects itself (throws), and says how it ended. */
  readonly run: (service: AttackedService) => Promise<Expected>
  readonly ablated?: ClientAblation
}

export interface ClientAblation extends AblationBase {
  readonly host: Changes
  /** In the place of the attack's own, where the effects that are looked at are others. */
  readonly run?: (service: AttackedService) => Promise<Expected>
}

export type Attack = CellAttack | ClientAttack

/** What a run of an attack left to look at. */
export interface AttackSeen {
  readonly end: RunEnd
  readonly events: readonly CellEvent[]
  /** Texts of the log events, in order. */
  readonly logs: readonly string[]
  /** What the program said of its attempts (`attack.report` or `console.log('REPORT ' + JSON)`); a claim, like all it says. */
  readonly report: Readonly<Record<string, unknown>>
  /** outcomeHash of the result and decision columns of the document, when there are any. */
  readonly outcomeHash: string | null
  readonly decisions: unknown
  /** Connections so far to a service that listens on the host. */
  readonly connections: number
  /** The same two of the benign twin: the strategy that HONEST_DECIDE alone makes. */
  readonly twin: { readonly outcomeHash: string; readonly decisions: unknown }
}

export const REPORT = 'REPORT '

export const EPERM = -1
const ENOSYS = -38

/** Expects a report of exactly `count` system calls, each of which the kernel refused with one of `errnos`. */
export function everyCallRefused(count: number, errnos: readonly number[] = [EPERM, ENOSYS]) {
  return ({ report }: AttackSeen): void => {
    assert.equal(Object.keys(report).length, count)
    for (const [name, result] of Object.entries(report))
      assert.ok(errnos.includes(Number(result)), `${name}: ${String(result)}`)
  }
}

/** Outcome hash of the two decisions that the forgeries begin with: 30-honest-forger gives it. */
export const HONEST_OUTCOME = '98d9f8f8717e4353b05165f2267a8dd4a835a966191f3ec9ed7dee6e7bb398af'

/** Deciding by a crossing of two means over closes that the strategy remembers itself, so that vandalised columns change nothing. */
export const HONEST_DECIDE = `
const closes = []
function mean(n) {
  let sum = 0
  for (let i = closes.length - n; i < closes.length; i++) sum += closes[i]
  return sum / n
}
let above = null
function honest(candles, index) {
  closes[closes.length] = candles.close[index]
  if (closes.length < 30) return null
  const now = mean(10) > mean(30)
  const was = above
  above = now
  if (was === null || was === now) return null
  return { signal: now ? 'BUY' : 'SELL' }
}
`

/**
 * A strategy that decides as the twin does and attacks on the way: `body` runs once, before the decision of bar 40, with
 * `context`; it has \`attempt(name, action)\`, which notes what an action gave or threw.
 */
export function hostileTwin(body: string): string {
  return `import { BaseStrategy } from 'hotcell'
${HONEST_DECIDE}
const found = {}
function attempt(name, action) {
  try { const value = action(); found[name] = 'got ' + typeof value + ' ' + String(value).slice(0, 80) }
  catch (error) { found[name] = 'blocked' }
}
export default class Twin extends BaseStrategy {
  decide(context) {
    const decision = honest(context.candles, context.index)
    if (context.index === 40) {
      ${body}
      console.log('${REPORT}' + JSON.stringify(found))
    }
    return decision
  }
}
`
}

/** A strategy whose decide() is `body` (with `context`). */
export function decideWith(body: string, before = ''): string {
  return `import { BaseStrategy } from 'hotcell'
${before}
export default class Hostile extends BaseStrategy {
  decide(context) {
    ${body}
  }
}
`
}
