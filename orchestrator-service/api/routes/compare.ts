import { Type } from 'typebox'
import type { Instrument } from '../../../src/instruments/instrument.ts'
import { MAX_COMPARED, MIN_COMPARED } from '../../../src/performance/compare-runs.ts'
import { compareInThread } from '../../results/compare/compare-in-thread.ts'
import type { Job } from '../../store/ports.ts'
import type { ApiContext, ApiServer } from '../context.ts'
import { notFinished } from '../job-result.ts'
import { invalidRequest } from '../problem.ts'
import { answers, keyProblems } from '../schemas/responses.ts'
import { findJobById } from './find-job.ts'

/** Recorded runs that are read as trials: newest first. */
const MAX_TRIALS = 2000
const PAGE = 200

const CompareQuery = Type.Object(
  {
    run: Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
      minItems: MIN_COMPARED,
      maxItems: MAX_COMPARED,
      description: 'Ids of completed jobs; the first says periods per year, risk-free rate and benchmark',
      examples: [['r-abcdefghijklmnop', 'r-bcdefghijklmnopq']],
    }),
  },
  { additionalProperties: false },
)

/** Runs beside each other. */
export function addCompareRoute({ app, server, downloads }: ApiServer): void {
  server.get(
    '/v1/compare',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'compareBacktests',
        summary: 'Compare 2 to 5 completed runs over the time that all of them cover',
        description:
          'Every figure is computed again over the common window with one A, risk-free rate and benchmark: those of the first run. The deflated Sharpe ratio counts all completed runs of the owner of the first one on the same market, symbols and interval as trials.',
        tags: ['results'],
        querystring: CompareQuery,
        response: { 200: answers('Comparison', 'The comparison'), ...keyProblems(404, 409, 429) },
      },
    },
    async (request, reply) => {
      const ids = request.query.run
      if (new Set(ids).size < ids.length) throw invalidRequest('/query/run', 'names a run twice')
      const jobs: Job[] = []
      for (const id of ids) jobs.push(await findJobById(app, request, { id, reads: 'result' }))
      for (const job of jobs) if (job.outcome === null) throw notFinished(job)
      const place = downloads.enter()
      try {
        const trials = await findTrials(app, jobs[0]!)
        const instruments = (await app.instruments.load())?.instruments ?? []
        return await reply.send(
          await compareInThread({
            dataDir: app.config.dataDir,
            runs: jobs.map((job) => ({ id: job.id, quote: quoteOf(instruments, job) })),
            trials: trials.ids,
            trialsCapped: trials.capped,
          }),
        )
      } finally {
        place.leave()
      }
    },
  )
}

/** Quote currency of all symbols of a job; null: instrument data of one is missing, or they differ. */
function quoteOf(instruments: readonly Instrument[], job: Job): string | null {
  const quotes = job.symbols.map(
    (symbol) => instruments.find((one) => one.market === job.market && one.symbol === symbol)?.quote ?? null,
  )
  return quotes.every((quote) => quote === quotes[0]) ? quotes[0]! : null
}

async function findTrials(app: ApiContext, first: Job): Promise<{ ids: string[]; capped: boolean }> {
  const ids: string[] = []
  const symbols = first.symbols.join('\n')
  const query = { owner: first.owner, states: ['completed'] as const, symbol: first.symbols[0]!, limit: PAGE }
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<typeof app.stores.jobs.list>> = await app.stores.jobs.list(
      cursor === null ? query : { ...query, cursor },
    )
    for (const job of page.jobs) {
      const same = job.market === first.market && job.interval === first.interval && job.symbols.join('\n') === symbols
      if (same && ids.length < MAX_TRIALS) ids.push(job.id)
      else if (same) return { ids, capped: true }
    }
    cursor = page.cursor
  } while (cursor !== null)
  return { ids, capped: false }
}
