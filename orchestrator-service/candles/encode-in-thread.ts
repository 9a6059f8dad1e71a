import { Worker } from 'node:worker_threads'
import type { CandleSeries } from '../../src/candles/series.ts'
import type { Market } from '../../src/candles/symbol.ts'
import { PlatformError } from '../../src/errors.ts'
import { encodeCandleFile } from './arrow-file.ts'

const TIMEOUT_MS = 60_000
/** So many rows take a few milliseconds, a thread more than that. */
const FEW_ROWS = 32_768

/** What the thread is given; the columns lie in shared memory. */
export interface EncodeTask {
  readonly market: Market
  readonly series: CandleSeries
}

/**
 * As `encodeCandleFile`, without holding up the caller's event loop: millions of rows are checked, hashed and copied.
 * @throws PlatformError service_unavailable (not in time)
 */
export async function encodeInThread(market: Market, series: CandleSeries): Promise<Uint8Array[]> {
  if (series.rows <= FEW_ROWS) return encodeCandleFile(market, series)
  const worker = new Worker(new URL('encode-worker.ts', import.meta.url), {
    workerData: { market, series } satisfies EncodeTask,
    execArgv: [],
  })
  try {
    return await partsOf(worker)
  } finally {
    await worker.terminate()
  }
}

function partsOf(worker: Worker): Promise<Uint8Array[]> {
  return new Promise((resolve, reject) => {
    const fail = (state: string): void =>
      reject(new PlatformError('service_unavailable', `Cannot write candles as Arrow: ${state}`))
    const timer = setTimeout(() => fail(`it took more than ${TIMEOUT_MS / 1000} s`), TIMEOUT_MS)
    const settle = (act: () => void): void => {
      clearTimeout(timer)
      act()
    }
    worker.once('message', (parts: Uint8Array[]) => settle(() => resolve(parts)))
    worker.once('error', (error) => settle(() => reject(error)))
    worker.once('exit', () => settle(() => fail('the thread ended without an answer')))
  })
}
