import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { AdminTasks } from '../admin/admin-tasks.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { CandleArchive } from '../candles/archive.ts'
import type { FundingArchive } from '../candles/funding-archive.ts'
import type { InstrumentStore } from '../candles/instrument-store.ts'
import type { Config } from '../config.ts'
import type { JobFeed, Jobs } from '../jobs/jobs.ts'
import type { RunStore } from '../results/run-store.ts'
import type { SandboxPolicy } from '../sandbox/policy.ts'
import type { JobStores, Role } from '../store/ports.ts'
import type { Gate } from './follow/gate.ts'

/** What the routes need of the service, and nothing else of it. */
export interface ApiContext {
  readonly stores: Pick<JobStores, 'jobs' | 'keys'>
  readonly jobs: Jobs
  readonly policies: ReadonlyMap<string, SandboxPolicy>
  readonly config: Pick<Config, 'dataDir'>
  readonly audit: Pick<AuditLog, 'require' | 'note' | 'flush'>
  readonly admin: AdminTasks
  readonly feed: JobFeed
  readonly logs: LogFiles
  readonly runs: Pick<RunStore, 'load' | 'pathOf'>
  readonly archive: Pick<CandleArchive, 'list' | 'load'>
  /** Mark prices and funding rows of perpetuals. */
  readonly marks: Pick<CandleArchive, 'list'>
  readonly funding: Pick<FundingArchive, 'list'>
  readonly instruments: Pick<InstrumentStore, 'load'>
  readonly state: 'starting' | 'ready' | 'draining'
}

/** Logs of jobs, one append-only file each; a place in one is a byte offset. */
export interface LogFiles {
  size(id: string): Promise<number>
  /** Whole lines only; `next` is the offset behind them. */
  read(id: string, range: { from: number; maxBytes: number }): Promise<{ bytes: Uint8Array; next: number }>
}

/** Who asks, as the key says. */
export interface Principal {
  readonly keyId: string
  readonly owner: string
  readonly role: Role
}

/** What all routes share. */
export interface ApiServer {
  readonly app: ApiContext
  readonly server: HttpServer
  /** Streams that stay open: events and followed logs. */
  readonly followers: Gate
  /** Tables and candles that are being sent. */
  readonly downloads: Gate
  /** Submissions that wait for the end of their job. */
  readonly waits: Gate
}

export type HttpServer = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

/**
 * Who may use a route. open: everybody. read: every key. run: keys that may start or change jobs. oversee: what concerns
 * everybody, to look at. administer: the same, to change.
 */
export const ACCESS = {
  open: null,
  read: ['user', 'admin', 'auditor'],
  run: ['user', 'admin'],
  oversee: ['admin', 'auditor'],
  administer: ['admin'],
} as const satisfies Record<string, readonly Role[] | null>
export type Access = keyof typeof ACCESS

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
    /** Code of the error for a body that is not strict JSON. */
    bodyError?: 'invalid_config' | 'invalid_request'
  }
  interface FastifyRequest {
    principal: Principal | null
    /** sha256 of the body as received. */
    bodyHash: string
    /** Of the job that the request is about, for the log. */
    jobId: string | null
  }
}
