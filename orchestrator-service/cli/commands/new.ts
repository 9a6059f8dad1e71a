import { writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { PlatformError } from '../../../src/errors.ts'
import { buildStrategyTemplate, classNameOf } from '../../strategies/template.ts'
import type { CommandContext } from '../context.ts'

/** Writes a strategy to start from; never over an existing file. */
export async function newStrategy({ io }: CommandContext, name: string): Promise<number> {
  const path = /\.(ts|mts)$/.test(name) ? name : `${name}.ts`
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(basename(path))) {
    throw new PlatformError(
      'usage',
      `Cannot write "${path}": expected a name of letters, digits, dots, dashes and underscores`,
    )
  }
  try {
    await writeFile(path, buildStrategyTemplate(classNameOf(basename(path))), { flag: 'wx' })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST')
      throw new PlatformError('usage', `Cannot write "${path}": it exists already`, { hint: 'Choose another name' })
    const state = code === 'ENOENT' ? 'there is no such folder' : (code ?? String(error))
    throw new PlatformError('usage', `Cannot write "${path}": ${state}`, { hint: 'Check the folder' })
  }
  if (io.json) io.out(JSON.stringify({ file: path }))
  else
    io.out(
      `Wrote ${path}\nTry it:  hotcell validate ${path}\n         hotcell run ${path} --symbols BTCUSDT --interval 1h`,
    )
  return 0
}
