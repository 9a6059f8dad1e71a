import type { Socket } from 'node:net'
import type { Expected } from './attack.ts'
import { CALM } from './attack-candles.ts'

/** What a client attack has in its hands. Nothing here loads code of the service, so that its sources can still be changed. */
export interface AttackedService {
  readonly url: string
  readonly dataDir: string
  /** Secrets of keys. */
  readonly keys: { readonly mallory: string; readonly alice: string; readonly auditor: string; readonly admin: string }
  /** As mallory unless another secret is given; null: none. */
  request(method: string, path: string, options?: RequestParts): Promise<Answer>
  /** A raw connection, to send what no client library would. */
  open(text: string): Promise<RawConnection>
  /** A finished job of alice, submitted as she would. */
  jobOfAlice(): Promise<string>
  /** The state of a job when it has ended, asked as its owner or an administrator. */
  waitForEnd(id: string, secret: string): Promise<Record<string, unknown>>
  /** All that the process has written to stdout and stderr. */
  readonly said: () => string
}

export interface RequestParts {
  readonly secret?: string | null
  readonly body?: unknown
  /** Sent as it is. */
  readonly raw?: string | Uint8Array
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly json: Record<string, unknown>
}

export interface RawConnection {
  readonly socket: Socket
  /** Everything received when the other side has closed, or after `ms`. */
  received(ms: number): Promise<string>
  /** What came first, within `ms`. */
  first(ms: number): Promise<string>
}

export const BENIGN = {
  strategy: { builtin: 'SmaCrossover', params: { fast: 10, slow: 30 } },
  symbols: [CALM],
  interval: '1h',
}

/** A backtest of these files on the candles of the suite. */
export function backtestOf(source: string, changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { ...BENIGN, strategy: { module: 'main.ts' }, files: { 'main.ts': source }, ...changes }
}

/** How an answer with a problem counts. */
export function refusedWith({ status, json }: Answer): Expected {
  return {
    kind: status >= 400 ? 'refused' : 'accepted',
    reason: typeof json['code'] === 'string' ? json['code'] : null,
  }
}

export const HARMLESS: Expected = { kind: 'harmless', reason: null }
