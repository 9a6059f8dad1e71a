import { setTimeout as sleep } from 'node:timers/promises'
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

function buildBody(kind: Kind, number: number, random: Random): Record<string, unknown> {
  const extra = { options: { priority: random.int(-2, 2), labels: { number: String(number), kind } } }
  switch (kind) {
    case 'slow':
      return slowSubmission(random.next() * 2, extra)
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
  options: { readonly count: number; readonly overMs: number; readonly seed: number },
): Promise<Submitted[]> {
  const random = createRandom(options.seed)
  const plan = Array.from({ length: options.count }, (_, number) => {
    const kind = random.pick(SHARES)
    return {
      number,
      kind,
      at: random.next() * options.overMs,
      body: buildBody(kind, number, random),
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

/** Kills the service at random moments and starts it again; it runs when this resolves. */
export async function killAgainAndAgain(
  service: ServiceProcess,
  options: { readonly kills: number; readonly longestMs: number; readonly seed: number },
): Promise<void> {
  const random = createRandom(options.seed)
  for (let kill = 0; kill < options.kills; kill += 1) {
    await sleep(random.next() * options.longestMs)
    await service.kill('SIGKILL')
    await service.start()
  }
}
