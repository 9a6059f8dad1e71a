import { open } from 'node:fs/promises'
import { PlatformError } from '../../../src/errors.ts'
import { type InstrumentStore, parseInstrumentBytes } from '../../candles/instrument-store.ts'
import type { CliIo } from '../io.ts'
import { renderTable } from '../render-table.ts'
import { visible } from '../visible.ts'

const MAX_FILE_BYTES = 64 << 20

/** `hotcell instruments import FILE`: all or nothing; replaces what was there. */
export async function instrumentsImport(options: { file: string; store: InstrumentStore }, io: CliIo): Promise<number> {
  const data = parseInstrumentBytes(await readInput(options.file))
  await options.store.write(data)
  const tiers = data.instruments.filter((one) => one.marginTiers !== undefined).length
  if (io.json)
    io.out(JSON.stringify({ version: data.version, instruments: data.instruments.length, marginTiers: tiers }))
  else {
    io.out(`Imported ${data.instruments.length} instruments, version ${visible(data.version)}`)
    if (tiers > 0) io.out(`${tiers} with margin tiers`)
  }
  return 0
}

/** `hotcell instruments list` */
export async function instrumentsList(options: { store: InstrumentStore }, io: CliIo): Promise<number> {
  const data = await options.store.load()
  if (io.json) {
    io.out(JSON.stringify(data ?? { version: null, instruments: [] }))
    return 0
  }
  if (data === null) {
    io.out(
      'No instrument data: every symbol trades 24/7 without tick, step and minimums. Import with `hotcell instruments import FILE`',
    )
    return 0
  }
  io.out(`Version ${visible(data.version)}, ${data.instruments.length} instruments`)
  const rows = data.instruments.map((one) => [
    one.market,
    one.symbol,
    `${one.base}/${one.quote}`,
    one.tick ?? '-',
    one.step ?? '-',
    one.minQuantity ?? '-',
    one.minNotional ?? '-',
    one.calendar,
  ])
  io.out(renderTable(['market', 'symbol', 'pair', 'tick', 'step', 'min quantity', 'min notional', 'calendar'], rows))
  return 0
}

async function readInput(file: string): Promise<Uint8Array> {
  const cannot = (state: string): PlatformError =>
    new PlatformError('usage', `Cannot read "${visible(file)}": ${state}, expected a JSON file of instruments`)
  const handle = await open(file, 'r').catch((error: unknown) => {
    throw cannot(error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'no such file' : String(error))
  })
  try {
    const stat = await handle.stat()
    if (!stat.isFile()) throw cannot('not a regular file')
    if (stat.size > MAX_FILE_BYTES) throw cannot(`${stat.size} bytes, more than ${MAX_FILE_BYTES}`)
    return await handle.readFile()
  } finally {
    await handle.close()
  }
}
