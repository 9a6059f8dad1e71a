import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { PlatformError } from '../../../src/errors.ts'
import { openService } from '../client/open-service.ts'
import type { CommandContext } from '../context.ts'
import { openFile } from '../open-file.ts'

/** The HTML report of a run: where it lies, or a copy of it. From a service elsewhere it is always a copy. */
export async function report(
  context: CommandContext,
  id: string,
  flags: { out?: string; open?: boolean },
): Promise<number> {
  const { io } = context
  await using service = await openService(context, 'read')
  const html = await service.client.report(id)
  const stored = flags.out === undefined ? service.reportPath(id) : null
  const path = stored ?? resolve(flags.out ?? `${id}.html`)
  if (stored === null) {
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
