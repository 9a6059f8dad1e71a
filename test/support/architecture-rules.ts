/** One file of the repository: path relative to its root, and text. */
export interface SourceText {
  readonly path: string
  readonly text: string
}

/** A rule answers with what is wrong, one line each; an empty list means that the file keeps it. */
export type Rule = (file: SourceText) => string[]

const TOP_FOLDERS = ['src', 'runner-image', 'orchestrator-service', 'test'] as const
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  src: ['src'],
  'runner-image': ['src', 'runner-image'],
  'orchestrator-service': ['src', 'orchestrator-service'],
  test: TOP_FOLDERS,
}
const ALLOWED_MATH = new Set(
  'abs ceil clz32 floor fround imul max min round sign sqrt trunc E LN10 LN2 LOG10E LOG2E PI SQRT1_2 SQRT2'.split(' '),
)
const IMPURE_GLOBALS =
  'process Date console fetch setTimeout setInterval setImmediate queueMicrotask performance Buffer crypto require globalThis Intl'.split(
    ' ',
  )
export const MAX_LINES = 300

export function checkImportDirection({ path, text }: SourceText): string[] {
  const from = topFolder(path)
  return listImports(text)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => ({ specifier, to: topFolder(resolveFrom(path, specifier)) }))
    .filter(({ to }) => (TOP_FOLDERS as readonly string[]).includes(to) && !MAY_IMPORT[from]?.includes(to))
    .map(({ specifier }) => `${path} imports ${specifier}`)
}

/** Imports name a file with its extension, so that Node runs what is written. */
export function checkImportExtension({ path, text }: SourceText): string[] {
  return listImports(text)
    .filter((specifier) => specifier.startsWith('.') && !/\.(ts|mjs|json)$/.test(specifier))
    .map((specifier) => `${path} imports ${specifier} without an extension`)
}

/** Circles of files that import each other, types too: each as one line. */
export function findCircles(files: readonly SourceText[]): string[] {
  const imports = new Map(
    files.map(({ path, text }) => [
      path,
      listImports(text)
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => resolveFrom(path, specifier)),
    ]),
  )
  const circles: string[] = []
  const done = new Set<string>()
  const walk = (path: string, way: readonly string[]): void => {
    const at = way.indexOf(path)
    if (at >= 0) circles.push([...way.slice(at), path].join(' -> '))
    if (at >= 0 || done.has(path)) return
    for (const next of imports.get(path) ?? []) walk(next, [...way, path])
    done.add(path)
  }
  for (const { path } of files) walk(path, [])
  return circles
}

/** For src/ alone: no IO, no clock, no randomness, no arithmetic that differs between machines. */
export function checkPurity({ path, text }: SourceText): string[] {
  const code = stripCommentsAndStrings(text)
  const problems = listImports(text)
    .filter((specifier) => specifier.startsWith('node:'))
    .map((specifier) => `imports ${specifier}`)
  for (const name of IMPURE_GLOBALS) {
    if (new RegExp(`(?<![.\\w$])${name}\\b(?!\\s*[?]?:)`).test(code)) problems.push(`uses ${name}`)
  }
  for (const [, name] of code.matchAll(/\bMath\s*\.\s*(\w+)/g)) {
    if (name !== undefined && !ALLOWED_MATH.has(name)) problems.push(`uses Math.${name}`)
  }
  if (/\bMath\s*\[/.test(code) || /[=:(,]\s*Math\s*[;,)\n]/.test(code)) problems.push('hands Math on as a value')
  if (code.includes('**')) problems.push('uses the power operator')
  return problems.map((problem) => `${path} ${problem}`)
}

export function checkLength({ path, text }: SourceText): string[] {
  const lines = text.replace(/\n$/, '').split('\n').length
  return lines <= MAX_LINES ? [] : [`${path} has ${lines} lines, at most ${MAX_LINES}`]
}

export function checkName({ path }: SourceText): string[] {
  const kebab = path.split('/').every((part) => /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*$/.test(part))
  const barrel = /(^|\/)index\.(ts|mjs|js)$/.test(path)
  return [...(kebab ? [] : [`${path} is not in kebab-case`]), ...(barrel ? [`${path} is a barrel file`] : [])]
}

export function checkDefaultExport({ path, text }: SourceText): string[] {
  return /^\s*export\s+default\b/m.test(stripCommentsAndStrings(text)) ? [`${path} has a default export`] : []
}

/** A test that does not run, or keeps others from running, is no test. `skipIf` and `ctx.skip` say why; these do not. */
export function checkNoSilencedTest({ path, text }: SourceText): string[] {
  const found = stripCommentsAndStrings(text).match(/\b(?:it|test|describe|suite)\s*\.\s*(?:skip|only|todo|fails)\b/g)
  return (found ?? []).map((call) => `${path} has ${call}`)
}

/** `oxlint-disable… RULE -- reason`, `@ts-expect-error reason`; never `@ts-ignore`. */
export function checkDisableReason({ path, text }: SourceText): string[] {
  const problems: string[] = []
  for (const line of text.split('\n')) {
    const disable = /(?:\/\/|\/\*)\s*(?:ox|es)lint-disable\S*(.*)/.exec(line)
    if (disable && !/--\s*\w/.test(disable[1] ?? '')) problems.push('disables a lint rule without a reason')
    if (/(?:\/\/|\/\*)\s*@ts-(?:ignore|nocheck)/.test(line)) problems.push('switches the type checker off')
    if (/(?:\/\/|\/\*)\s*@ts-expect-error\s*(?:\*\/)?\s*$/.test(line))
      problems.push('expects a type error without a reason')
  }
  return problems.map((problem) => `${path} ${problem}`)
}

/** Specifiers of static imports, re-exports and import() with a literal; templates hold texts of strategies. */
export function listImports(text: string): string[] {
  const code = stripComments(text).replaceAll(TEMPLATE, '``')
  const forms = [
    /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/gm,
    /^\s*import\s*['"]([^'"]+)['"]/gm,
    /\bimport\s*\(\s*['"]([^'"]+)['"]/g,
  ]
  return forms.flatMap((form) => [...code.matchAll(form)].flatMap(([, specifier]) => specifier ?? []))
}

function topFolder(path: string): string {
  return path.slice(0, path.indexOf('/'))
}

function resolveFrom(path: string, specifier: string): string {
  const parts = path.split('/').slice(0, -1)
  for (const step of specifier.split('/')) {
    if (step === '..') parts.pop()
    else if (step !== '.') parts.push(step)
  }
  return parts.join('/')
}

/** Strings and comments may hold anything; the parts of a template that are code stay. */
function stripCommentsAndStrings(text: string): string {
  return stripComments(text)
    .replaceAll(/'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g, "''")
    .replaceAll(TEMPLATE, keepCode)
}

const TEMPLATE = /`(?:\\.|[^`\\])*`/g

function keepCode(template: string): string {
  return [...template.matchAll(/\$\{([^}]*)\}/g)].map(([, code]) => `(${code})`).join('+') || "''"
}

function stripComments(text: string): string {
  const token = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g
  return text.replaceAll(token, (found) => (found.startsWith('/') ? ' ' : found))
}
