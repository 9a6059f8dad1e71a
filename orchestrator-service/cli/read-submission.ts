import { readFile, stat } from 'node:fs/promises'
import { basename, dirname, relative, resolve, sep } from 'node:path'
import { PlatformError } from '../../src/errors.ts'
import { CONFIG_LIMITS } from '../../src/protocol/backtest-config.ts'
import { parseStrictJson } from '../../src/protocol/strict-json.ts'

const usage = (message: string, hint?: string): PlatformError =>
  new PlatformError('usage', message, hint === undefined ? {} : { hint })

/** A file of the user, with a cap. */
async function readUserFile(path: string, maxBytes: number): Promise<Buffer> {
  let size: number
  try {
    const info = await stat(path)
    if (!info.isFile()) throw usage(`Cannot read "${path}": it is not a file`)
    size = info.size
  } catch (error) {
    if (error instanceof PlatformError) throw error
    throw usage(
      `Cannot read "${path}": ${(error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : String(error)}`,
      'Check the path',
    )
  }
  if (size > maxBytes) throw usage(`Cannot read "${path}": it is ${size} bytes long, at most ${maxBytes} are allowed`)
  return await readFile(path)
}

/** A strategy file and the files it imports, by their paths relative to the strategy's folder. Sources are never parsed here. */
export async function readSources(
  main: string,
  others: readonly string[],
): Promise<{ module: string; files: Record<string, string> }> {
  const folder = dirname(resolve(main))
  const files: Record<string, string> = {}
  for (const path of [main, ...others]) {
    const name = path === main ? basename(main) : relative(folder, resolve(path)).split(sep).join('/')
    if (name.startsWith('..')) throw usage(`Cannot submit "${path}": it lies outside the strategy's folder "${folder}"`)
    const bytes = await readUserFile(path, CONFIG_LIMITS.fileBytes)
    try {
      files[name] = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes)
    } catch {
      throw usage(`Cannot submit "${path}": it is not UTF-8 text`)
    }
  }
  return { module: basename(main), files }
}

/** A configuration file: strict JSON, an object. */
export async function readConfigFile(path: string): Promise<Record<string, unknown>> {
  const bytes = await readUserFile(path, 4 * 1024 * 1024)
  const parsed = parseStrictJson(bytes, {
    maxBytes: 4 * 1024 * 1024,
    maxDepth: 16,
    maxValues: 100_000,
    maxKeyBytes: 1024,
  })
  if (!parsed.ok) {
    const { pointer, message } = parsed.problem
    throw new PlatformError(
      'invalid_config',
      `Cannot use "${path}": ${pointer === '' ? 'it' : `"${pointer}"`} ${message}`,
      { errors: [{ pointer, message }] },
    )
  }
  if (typeof parsed.value !== 'object' || parsed.value === null || Array.isArray(parsed.value)) {
    throw new PlatformError('invalid_config', `Cannot use "${path}": it is not a JSON object`, {
      errors: [{ pointer: '', message: 'must be an object' }],
    })
  }
  return parsed.value as Record<string, unknown>
}

/** `k=v` pairs: numbers, true, false and null are read as such, everything else (or what is in quotes) as text. */
export function parsePairs(pairs: readonly string[], option: string): Record<string, string | number | boolean | null> {
  const values: Record<string, string | number | boolean | null> = {}
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    if (at < 1) throw usage(`Cannot read ${option} "${pair}": expected name=value`)
    const name = pair.slice(0, at)
    if (Object.hasOwn(values, name) || name === '__proto__')
      throw usage(`Cannot read ${option} "${pair}": "${name}" is given twice or forbidden`)
    values[name] = parseScalar(pair.slice(at + 1))
  }
  return values
}

function parseScalar(text: string): string | number | boolean | null {
  if (text === 'true') return true
  if (text === 'false') return false
  if (text === 'null') return null
  if (/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text) && Number.isFinite(Number(text))) return Number(text)
  return /^".*"$/s.test(text) ? text.slice(1, -1) : text
}
