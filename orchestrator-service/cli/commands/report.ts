import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { PlatformError } from '../../../src/errors.ts'
import { createStores } from '../../deps.ts'
import { readReport } from '../../results/read-report.ts'
import type { CommandContext } from '../context.ts'
import { openFile } from '../open-file.ts'

/** The HTML report of a run: where it lies, or a copy of it. */
export async function report(
  { io, config }: CommandContext,
  id: string,
  flags: { out?: string; open?: boolean },
): Promise<number> {
  const { runs } = createStores(config)
  const html = await readReport(runs, id)
  const path = flags.out === undefined ? runs.pathOf(id, 'report.html') : resolve(flags.out)
  if (flags.out !== undefined) {
    await writeFile(path, html).catch((error: NodeJS.ErrnoException) => {
      throw new PlatformError('usage', `Cannot write "${path}": ${error.code ?? error.message}`, {
        hint: 'Check the folder',
      })
    })
  }
  if (io.json) io.out(JSON.stringify({ run: id, report: path, bytes: Buffer.byteLength(html) }))
  else io.out(path)
  if (flags.open === true && !(await openFile(path))) io.err(`Cannot open a browser here; the report is ${path}`)
  return 0
}
