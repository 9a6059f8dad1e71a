import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * How the commands on this machine find the service that holds a data directory: its address and a token that is made
 * anew at each start. Only who may read the data directory may read it. What a crash leaves behind opens nothing.
 */
export interface ServiceFile {
  readonly url: string
  readonly token: string
  readonly pid: number
}

const NAME = 'service.json'

export function writeServiceFile(dataDir: string, file: ServiceFile): void {
  const path = join(dataDir, NAME)
  const temporary = `${path}.new`
  rmSync(temporary, { force: true })
  writeFileSync(temporary, `${JSON.stringify(file)}\n`, { mode: 0o600, flag: 'wx' })
  renameSync(temporary, path)
}

/** Null: there is none, or it cannot be read. */
export function readServiceFile(dataDir: string): ServiceFile | null {
  try {
    const { url, token, pid } = JSON.parse(readFileSync(join(dataDir, NAME), 'utf8')) as Partial<ServiceFile>
    const usable = typeof url === 'string' && URL.canParse(url) && typeof token === 'string' && typeof pid === 'number'
    return usable ? { url, token, pid } : null
  } catch {
    return null
  }
}

export function removeServiceFile(dataDir: string): void {
  rmSync(join(dataDir, NAME), { force: true })
}
