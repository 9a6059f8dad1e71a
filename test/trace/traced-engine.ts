import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type OwnEngine, startOwnEngine } from '../support/own-engine.ts'

/**
 * An engine of its own, whose containers are followed from before their first system call. The engine finds runc by name,
 * so a script of that name that lies before it in PATH is enough: what the product asks of the engine stays as it is.
 * `pidFile`: where the script writes its number before it becomes `runc create`. Needs root, dockerd and containerd.
 */
export async function startTracedEngine(options: {
  readonly runc: string
  readonly pidFile: string | null
}): Promise<Pick<OwnEngine, 'url'> & AsyncDisposable> {
  const programs = mkdtempSync(join(tmpdir(), 'hotcell-programs-'))
  const note = options.pidFile === null ? '' : `case " $* " in *" create "*) echo $$ >> ${options.pidFile} ;; esac\n`
  writeFileSync(join(programs, 'runc'), `#!/bin/sh\n${note}exec ${options.runc} "$@"\n`, { mode: 0o755 })
  const engine = await startOwnEngine({ liveRestore: false, programs })
  return {
    url: engine.url,
    async [Symbol.asyncDispose]() {
      await engine[Symbol.asyncDispose]()
      rmSync(programs, { recursive: true, force: true })
    },
  }
}
