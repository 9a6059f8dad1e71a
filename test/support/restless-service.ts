import { setTimeout as sleep } from 'node:timers/promises'
import type { OwnEngine } from './own-engine.ts'
import { createRandom, type Random } from './random.ts'
import { slowSubmission, SUBMISSIONS } from './service.ts'
import type { Answer, ServiceProcess } from './service-process.ts'

/**
 * Theory of operation. A client submits a seeded mixture of jobs and cancels some of them at random moments, while the
 * service is killed and started again under it. A client that gets no answer asks again with the same idempotency key,
 * as clients do; so each submission must become exactly one job, or none when it is invalid.
 */
export const KINDS = ['valid', 'slow', 'throwing', 'endless', 'unknown', 'invalid', 'cancelled'] as const
export type Kind = (typeof KINDS)[number]

export interface Submitted {
  readonly number: number
  readonly kind: Kind
  readonly status: number
  /** Null: refused. */
  readonly id: string | null
}

const SHARES: readonly Kind[] = [
  ...(['valid', 'valid', 'valid', 'valid', 'valid', 'valid'] as const),
  ...(['slow', 'slow', 'slow', 'throwing', 'throwing', 'throwing'] as const),
  ...(['endless', 'unknown', 'unknown', 'invalid', 'invalid'] as const),
  ...(['cancelled', 'cancelled', 'cancelled', 'cancelled'] as const),
]

function buildBody(
  kind: Kind,
  { number, random, slowSeconds }: { number: number; random: Random; slowSeconds: number },
): Record<string, unknown> {
  const extra = { options: { priority: random.int(-2, 2), labels: { number: String(number), kind } } }
  switch (kind) {
    case 'slow':
      return slowSubmission(random.next() * slowSeconds, extra)
    case 'cancelled':
      return random.chance(0.5) ? slowSubmission(20, extra) : SUBMISSIONS.valid(extra)
    case 'invalid':
      return { ...SUBMISSIONS.valid(extra), interval: 'often' }
    case 'valid':
    case 'throwing':
    case 'endless':
    case 'unknown':
      return SUBMISSIONS[kind](extra)
  }
}

const PATIENCE_MS = 180_000
const BREATH_MS = 30_000

async function untilAnswered(ask: () => Promise<Answer | null>): Promise<Answer> {
  for (;;) {
    const answer = await ask()
    if (answer !== null && answer.status !== 503) return answer
    await sleep(50)
  }
}

/** Submits and cancels; all calls are answered when this resolves. */
export async function submitMixture(
  service: ServiceProcess,
  options: {
    readonly count: number
    readonly overMs: number
    readonly seed: number
    /** Slow jobs compute for up to so long. */
    readonly slowSeconds?: number
  },
): Promise<Submitted[]> {
  const random = createRandom(options.seed)
  const plan = Array.from({ length: options.count }, (_, number) => {
    const kind = random.pick(SHARES)
    return {
      number,
      kind,
      at: random.next() * options.overMs,
      body: buildBody(kind, { number, random, slowSeconds: options.slowSeconds ?? 2 }),
      wait: random.next(),
    }
  })
  const one = async ({ number, kind, at, body, wait }: (typeof plan)[number]): Promise<Submitted> => {
    await sleep(at)
    const key = `restless-${options.seed}-${number}`
    const { status, body: answer } = await untilAnswered(() => service.call('POST', '/v1/backtests', { body, key }))
    const id = typeof answer['id'] === 'string' ? answer['id'] : null
    if (kind === 'cancelled' && id !== null) {
      await sleep(wait * wait * options.overMs)
      await untilAnswered(() => service.call('POST', `/v1/backtests/${id}/cancel`))
    }
    return { number, kind, status, id }
  }
  return await Promise.all(plan.map(one))
}

/** Starts the service; where its engine is away it ends at its start, and is started again, as a supervisor would. */
async function startAgain(service: ServiceProcess): Promise<void> {
  const end = performance.now() + PATIENCE_MS
  for (;;) {
    try {
      await service.start()
      return
    } catch (error) {
      if (performance.now() > end) throw error
      await sleep(250)
    }
  }
}

const ACTIVE = '/v1/backtests?state=preparing&state=running&state=verifying&limit=100'

/** Until one of the jobs that have been begun is no longer under way, in bounded time. */
async function untilOneMovedOn(service: ServiceProcess): Promise<void> {
  const end = performance.now() + BREATH_MS
  const list = async (): Promise<string[]> => {
    const answer = await service.call('GET', ACTIVE)
    return answer === null ? [] : (answer.body['jobs'] as { id: string }[]).map(({ id }) => id)
  }
  const first = new Set(await list())
  while (first.size > 0 && performance.now() < end) {
    const now = new Set(await list())
    if ([...first].some((id) => !now.has(id))) return
    await sleep(100)
  }
}

/** Kills the service at random moments and starts it again; it runs when this resolves. */
export async function killAgainAndAgain(
  service: ServiceProcess,
  options: {
    readonly kills: number
    readonly longestMs: number
    readonly seed: number
    /** Before each of so many kills a job may end, however slow the machine: a job is given up that was lost again and again. */
    readonly breathEvery?: number
  },
): Promise<void> {
  const random = createRandom(options.seed)
  for (let kill = 1; kill <= options.kills; kill += 1) {
    await sleep(random.next() * options.longestMs)
    if (kill % (options.breathEvery ?? Infinity) === 0) await untilOneMovedOn(service)
    await service.kill('SIGKILL')
    await startAgain(service)
  }
}

/** While an engine was restarted, ms UTC: what was fed meanwhile may end with it too. */
export interface RestartSpan {
  readonly from: number
  readonly to: number
}

/** Restarts the engine at random moments, with and without a word before, and with either setting for its containers: from when to when (ms UTC). */
export async function restartAgainAndAgain(
  engine: OwnEngine,
  options: { readonly restarts: number; readonly everyMs: number; readonly seed: number },
): Promise<readonly RestartSpan[]> {
  const spans: RestartSpan[] = []
  const random = createRandom(options.seed)
  for (let restart = 0; restart < options.restarts; restart += 1) {
    await sleep((0.5 + random.next()) * options.everyMs)
    const from = Date.now()
    await engine.stop(random.chance(0.5) ? 'SIGKILL' : 'SIGTERM')
    await engine.start({ liveRestore: restart % 2 === 0 })
    spans.push({ from, to: Date.now() })
  }
  return spans
}

/** How jobs of a kind end when nobody cancels them. */
export const NATURAL_ENDS: Readonly<Record<Exclude<Kind, 'invalid'>, readonly [string, string, string | null]>> = {
  valid: ['completed', 'ok', null],
  slow: ['completed', 'ok', null],
  cancelled: ['completed', 'ok', null],
  throwing: ['failed', 'strategy_error', 'threw'],
  endless: ['failed', 'limit_exceeded', 'bar_time'],
  unknown: ['failed', 'data_unavailable', 'unknown_symbol'],
}
