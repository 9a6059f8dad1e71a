import type { JobView } from '../../../src/protocol/job.ts'
import { PlatformError } from '../../../src/errors.ts'
import type { DamagedJob } from '../../store/ports.ts'
import { openService } from '../client/open-service.ts'
import type { CommandContext } from '../context.ts'
import { renderTable } from '../render-table.ts'
import { visible } from '../visible.ts'

export interface RunsFlags {
  state?: string
  strategy?: string
  symbol?: string
  label?: string
  limit?: string
  all?: boolean
}

const DEFAULT_LIMIT = '50'
const LARGEST_PAGE = '200'

/** The runs that the service knows, newest first. */
export async function runs(context: CommandContext, flags: RunsFlags): Promise<number> {
  const { io } = context
  const { all = false, limit, ...filters } = flags
  if (all && limit !== undefined)
    throw new PlatformError('usage', 'Cannot list runs: --all and --limit exclude each other')
  const query = {
    strategy: filters.strategy,
    symbol: filters.symbol,
    label: labelOf(filters.label),
    state: filters.state?.split(','),
    limit: limit ?? (all ? LARGEST_PAGE : DEFAULT_LIMIT),
  }
  await using service = await openService(context, 'read')
  const found: JobView[] = []
  const damaged: DamagedJob[] = []
  let cursor: string | null = null
  for (;;) {
    const page = await service.client.list({ ...query, ...(cursor === null ? {} : { cursor }) })
    found.push(...page.jobs)
    damaged.push(...page.damaged)
    cursor = page.cursor
    if (cursor === null || !all) break
  }
  if (io.json) {
    io.out(JSON.stringify({ runs: found, damaged, cursor }))
    return 0
  }
  if (found.length > 0) io.out(renderTable(HEAD, found.map(rowOf)))
  else if (Object.keys(filters).length > 0) io.out('No such runs')
  else io.out('No runs yet. Try: hotcell run BuyAndHold --symbols BTCUSDT --interval 1d')
  for (const { message } of damaged) io.err(visible(`Damaged: ${message}`))
  if (cursor !== null) io.err('There are more: --limit N, or --all')
  return 0
}

function labelOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const at = text.indexOf('=')
  if (at < 1) throw new PlatformError('usage', `Cannot read --label "${text}": expected name=value`)
  return `${text.slice(0, at)}:${text.slice(at + 1)}`
}

const HEAD = ['run', 'submitted', 'state', 'return', 'strategy', 'symbols', 'interval', 'labels']

function rowOf(job: JobView): string[] {
  const { state, outcome, totalReturn, symbols } = job
  const why = outcome === null || outcome.kind === 'ok' || outcome.kind === 'cancelled' ? null : outcome
  const end = why === null ? state : `${state}: ${why.kind}${why.reason === null ? '' : `(${why.reason})`}`
  return [
    job.id,
    job.createdAt.slice(0, 19).replace('T', ' '),
    end,
    totalReturn === null ? '' : `${(totalReturn * 100).toFixed(2)}%`,
    visible(job.strategy),
    visible(symbols.slice(0, 4).join(',')) + (symbols.length > 4 ? ',…' : ''),
    job.interval,
    visible(
      Object.entries(job.labels)
        .map(([name, value]) => `${name}=${value}`)
        .join(' '),
    ),
  ]
}
