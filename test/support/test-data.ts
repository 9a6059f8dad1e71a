import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** Folder of the real candles that are too large for the repository; null (and said why) where it is missing. */
export function testDataDir(): string | null {
  const folder = resolve(process.env['HOTCELL_TEST_DATA'] ?? join('..', 'shared', 'data'))
  if (existsSync(join(folder, 'crypto-spot'))) return folder
  process.stdout.write(`Left out: tests on real candles; there is no ${folder} (set HOTCELL_TEST_DATA)\n`)
  return null
}
