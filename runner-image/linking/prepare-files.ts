/**
 * Submitted files -> modules that a realm can link: types stripped in place, powers lowered, imports resolved among the
 * files. Everything that may not be there (other imports, import(), import.meta, top-level await) is refused with its place.
 */
import { stripTypeScriptTypes } from 'node:module'
import { parse, type Node } from 'acorn'
import type { SourceFile } from '../../src/protocol/run-config.ts'
import type { SourceLocation } from '../../src/protocol/outcome.ts'
import { claim, type ClaimedEnd } from '../claims.ts'
import { HOTCELL_NAMES } from './hotcell-names.ts'
import { lowerPowers, POWER_NAMES, type PowerNode } from './lower-power.ts'
import { scanModule, type ModuleScan } from './scan-module.ts'

/** A module as every realm of the run compiles it. */
export interface PreparedModule {
  readonly path: string
  readonly code: string
  /** Import specifier -> path of the module, or the name of an engine module. */
  readonly imports: Readonly<Record<string, string>>
  /** Where the class member `decide` stands, if there is one. */
  readonly decide: SourceLocation | null
  readonly usesPromises: boolean
}

interface Parsed {
  readonly file: SourceFile
  readonly code: string
  readonly scan: ModuleScan
}

/** Modules reachable from `mains`, dependencies included. @throws ClaimedEnd strategy_error(syntax) with the place */
export function prepareFiles(files: readonly SourceFile[], ...mains: readonly string[]): PreparedModule[] {
  const byPath = new Map(files.map((file) => [file.path, file]))
  const parsed = new Map<string, Parsed>()
  const pending = [...new Set(mains)]
  const prepared: PreparedModule[] = []
  for (let i = 0; i < pending.length; i++) {
    const path = pending[i]!
    const module = parseFile(byPath.get(path)!)
    parsed.set(path, module)
    const imports: Record<string, string> = Object.create(null) as Record<string, string>
    for (const { specifier, location } of module.scan.imports) {
      const target = resolveImport(specifier, { from: path, location, byPath })
      imports[specifier] = target
      if (byPath.has(target) && !pending.includes(target)) pending.push(target)
    }
    if (module.scan.powers.length > 0) imports['hotcell:power'] = 'hotcell:power'
    const { decide, usesPromises } = module.scan
    prepared.push({ path, code: module.code, imports, decide, usesPromises })
  }
  for (const module of parsed.values()) checkNames(module, { parsed, prepared })
  return prepared
}

function parseFile(file: SourceFile): Parsed {
  const { path, source } = file
  if (path.endsWith('.json')) return parseJsonFile(file)
  const javascript = path.endsWith('ts') ? stripTypes(file) : source
  for (const name of POWER_NAMES) {
    if (javascript.includes(name)) throw syntaxError(path, `The name "${name}" is reserved`, null)
  }
  const scan = scanModule(parseJavaScript(path, javascript), path)
  if ('problem' in scan) throw syntaxError(path, scan.problem, scan.location)
  const lowered = lowerPowers(javascript, scan.powers as PowerNode[])
  if ('refused' in lowered) {
    throw syntaxError(
      path,
      '"**=" on this target is not supported; write x = x ** y',
      locationAt(path, javascript, lowered.refused.start),
    )
  }
  return { file, code: lowered.code, scan }
}

function parseJsonFile(file: SourceFile): Parsed {
  try {
    JSON.parse(file.source)
  } catch (error) {
    throw syntaxError(file.path, error instanceof Error ? error.message : 'not JSON', {
      file: file.path,
      line: 1,
      column: 1,
    })
  }
  const nothing = { imports: [], reexportsAll: [], powers: [], decide: null, usesPromises: false }
  const scan: ModuleScan = { ...nothing, exports: ['default'] }
  return { file, code: `export default JSON.parse(${JSON.stringify(file.source)})`, scan }
}

function stripTypes(file: SourceFile): string {
  try {
    return stripTypeScriptTypes(file.source, { mode: 'strip' })
  } catch (error) {
    const { message, stack, code } = error as Error & { code?: string }
    if (code === 'ERR_INTERNAL_ASSERTION')
      throw syntaxError(file.path, 'The file is nested too deeply to be parsed', null)
    throw syntaxError(file.path, message, snippetLocation(file.path, stack ?? ''))
  }
}

/** Node puts `:line`, the lines of code and a row of carets in front of the stack. */
function snippetLocation(path: string, stack: string): SourceLocation | null {
  const [head = '', ...rest] = stack.split('\n')
  const line = /:(\d+)$/.exec(head)
  if (line === null) return null
  const carets = rest.find((text) => /^ *\^+ *$/.test(text))
  return { file: path, line: Number(line[1]), column: carets === undefined ? 1 : carets.indexOf('^') + 1 }
}

function parseJavaScript(path: string, source: string): Node {
  try {
    return parse(source, { ecmaVersion: 'latest', sourceType: 'module', locations: true, allowHashBang: false })
  } catch (error) {
    const { message, loc } = error as Error & { loc?: { line: number; column: number } }
    if (loc === undefined || message.startsWith('Not enough stack'))
      throw syntaxError(path, 'The file is nested too deeply to be parsed', null)
    throw syntaxError(path, message.replace(/ \(\d+:\d+\)$/, ''), {
      file: path,
      line: loc.line,
      column: loc.column + 1,
    })
  }
}

function resolveImport(
  specifier: string,
  options: { from: string; location: SourceLocation; byPath: ReadonlyMap<string, SourceFile> },
): string {
  const { from, location, byPath } = options
  if (specifier === 'hotcell') return specifier
  if (!specifier.startsWith('./') && !specifier.startsWith('../')) {
    throw syntaxError(
      from,
      `Cannot import "${specifier}": only submitted files (./name.ts) and "hotcell" can be imported`,
      location,
    )
  }
  const segments = from.split('/').slice(0, -1)
  for (const part of specifier.split('/')) {
    if (part === '..' && segments.length === 0) {
      throw syntaxError(from, `Cannot import "${specifier}": it leads out of the submission`, location)
    }
    if (part === '..') segments.pop()
    else if (part !== '.') segments.push(part)
  }
  const path = segments.join('/')
  if (byPath.has(path)) return path
  const near = ['.ts', '.js', '.mts', '.mjs', '/index.ts', '.json'].find((end) => byPath.has(path + end))
  const hint =
    near === undefined ? `; the submission has ${[...byPath.keys()].join(', ')}` : `; write "${specifier}${near}"`
  throw syntaxError(from, `Cannot import "${specifier}": there is no such file${hint}`, location)
}

/** Every imported name must be exported by its module: the engine's own message has no place. */
function checkNames(
  module: Parsed,
  all: { parsed: ReadonlyMap<string, Parsed>; prepared: readonly PreparedModule[] },
): void {
  const path = module.file.path
  const { imports } = all.prepared.find((one) => one.path === path)!
  for (const { specifier, names, location } of module.scan.imports) {
    const target = imports[specifier]!
    const exported = target === 'hotcell' ? HOTCELL_NAMES : exportedNames(target, all, new Set())
    for (const name of names) {
      if (exported === null || exported.includes(name)) continue
      throw syntaxError(
        path,
        `"${specifier}" exports no "${name}"; it exports ${exported.join(', ') || 'nothing'} (types need "import type")`,
        location,
      )
    }
  }
}

/** Names that a module exports; null: not known (export * in a circle). */
function exportedNames(
  path: string,
  all: { parsed: ReadonlyMap<string, Parsed>; prepared: readonly PreparedModule[] },
  seen: Set<string>,
): string[] | null {
  if (path === 'hotcell') return [...HOTCELL_NAMES]
  if (seen.has(path)) return null
  seen.add(path)
  const { scan } = all.parsed.get(path)!
  const { imports } = all.prepared.find((one) => one.path === path)!
  const names = [...scan.exports]
  for (const specifier of scan.reexportsAll) {
    const more = exportedNames(imports[specifier]!, all, seen)
    if (more === null) return null
    names.push(...more.filter((name) => name !== 'default'))
  }
  return names
}

function locationAt(path: string, source: string, offset: number): SourceLocation {
  const before = source.slice(0, offset).split(/\r\n|[\n\r\u2028\u2029]/)
  return { file: path, line: before.length, column: before[before.length - 1]!.length + 1 }
}

function syntaxError(path: string, message: string, location: SourceLocation | null): ClaimedEnd {
  const place = location ?? { file: path, line: 0, column: 0 }
  const where = place.line === 0 ? place.file : `${place.file}:${place.line}:${place.column}`
  return claim({
    kind: 'strategy_error',
    reason: 'syntax',
    message: `Cannot load "${where}": ${message}`,
    hint: 'Correct the file; `hotcell validate FILE` checks it without running it',
    location: place,
  })
}
