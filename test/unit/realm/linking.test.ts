import { describe, expect, it } from 'vitest'
import { prepareFiles } from '../../../runner-image/linking/prepare-files.ts'
import { ClaimedEnd } from '../../../runner-image/claims.ts'
import type { ClaimedOutcome } from '../../../src/protocol/outcome.ts'

function endOf(files: Record<string, string>): ClaimedOutcome {
  try {
    prepareFiles(
      Object.entries(files).map(([path, source]) => ({ path, source })),
      Object.keys(files)[0]!,
    )
  } catch (error) {
    if (error instanceof ClaimedEnd) return error.outcome
    throw error
  }
  throw new Error('The files were linked')
}

describe('prepareFiles()', () => {
  it.each<[boolean, string, string]>([
    [true, 'a.js', 'async function f() {}'],
    [true, 'a.js', 'const f = async () => {}'],
    [true, 'a.js', 'class A { async f() {} }'],
    [true, 'a.js', 'async function* f() {}'],
    [true, 'a.js', 'Promise.resolve()'],
    [true, 'a.js', `globalThis['Promise']`],
    [true, 'a.js', 'Array.fromAsync([])'],
    [false, 'a.ts', 'function f(later: Promise<number>) { return later }'],
    [false, 'a.js', 'const promises = 1 // Promise'],
  ])('knows whether there may be callbacks (%s): %s %s', (usesPromises, path, source) => {
    expect(prepareFiles([{ path, source }], path)).toMatchObject([{ usesPromises }])
  })

  it.each<[string, Record<string, string>, string, number, number]>([
    ['an import of Node', { 'a.js': `\n  import fs from 'node:fs'` }, 'Cannot import "node:fs"', 2, 3],
    ['a bare import', { 'a.js': `import x from 'lodash'` }, 'Cannot import "lodash"', 1, 1],
    ['a URL', { 'a.js': `import x from 'data:text/javascript,1'` }, 'Cannot import "data:', 1, 1],
    ['an absolute path', { 'a.js': `import x from '/etc/passwd'` }, 'Cannot import "/etc/passwd"', 1, 1],
    ['a path out of the submission', { 'a.js': `import x from '../b.js'` }, 'leads out', 1, 1],
    ['a missing file', { 'a.js': `import x from './b.js'` }, 'no such file', 1, 1],
    ['a missing extension', { 'a.js': `import './b'`, 'b.ts': '' }, 'write "./b.ts"', 1, 1],
    ['a re-export of nothing', { 'a.js': `export * from 'x'` }, 'Cannot import "x"', 1, 1],
    ['the engine module', { 'a.js': `import 'hotcell:power'` }, 'Cannot import "hotcell:power"', 1, 1],
    ['import()', { 'a.js': `const f = () =>\n import('./a.js')` }, 'import() is not available', 2, 2],
    ['import.meta', { 'a.js': `const u = import.meta.url` }, 'import.meta is not available', 1, 11],
    ['top-level await', { 'a.js': `await 5` }, 'top-level await', 1, 1],
    ['top-level for await', { 'a.js': `for await (const x of []) {}` }, 'top-level await', 1, 1],
    ['a syntax error', { 'a.js': `let a = 5\nlet b = ;` }, 'Unexpected token', 2, 9],
    ['a TypeScript syntax error', { 'a.ts': `\nlet a: number = ;` }, 'Expression expected', 2, 17],
    ['an enum', { 'a.ts': `enum A { B }` }, 'enum is not supported', 1, 1],
    ['a parameter property', { 'a.ts': `class A { constructor(private x: number) {} }` }, 'parameter property', 1, 31],
    [
      'an unexported name',
      { 'a.js': `import { x } from './b.js'`, 'b.js': 'export const y = 1' },
      'exports no "x"',
      1,
      1,
    ],
    ['a type without import type', { 'a.ts': `import { Decision } from 'hotcell'` }, '"import type"', 1, 1],
    ['a file that is not JSON', { 'a.js': `import x from './b.json'`, 'b.json': '{' }, 'b.json:1:1', 1, 1],
    ['a reserved name', { 'a.js': `const __hotcell_power = 1` }, 'reserved', 0, 0],
    ['deep nesting', { 'a.js': '['.repeat(200_000) }, 'nested too deeply', 0, 0],
  ])('refuses %s with its place', (_name, files, problem, line, column) => {
    const end = endOf(files)

    expect(end).toMatchObject({ kind: 'strategy_error', reason: 'syntax', location: { line, column } })
    expect(end.message).toContain(problem)
  })

  it('links relative imports, folders and JSON, and nothing that is not reached', () => {
    const modules = prepareFiles(
      [
        {
          path: 'lib/b.ts',
          source: `import config from '../c.json'\nexport * from './d.mjs'\nexport const b: number = config.x`,
        },
        { path: 'c.json', source: '{"x":1}' },
        { path: 'lib/d.mjs', source: 'export const { d, e: [f] } = { d: 1, e: [2] }' },
        {
          path: 'main.ts',
          source: `import { b, d, f } from './lib/b.ts'\nimport type { X } from 'nowhere'\nexport default b + d + f`,
        },
        { path: 'unused.ts', source: 'syntax error' },
      ],
      'main.ts',
    )

    expect(modules.map((module) => module.path)).toEqual(['main.ts', 'lib/b.ts', 'c.json', 'lib/d.mjs'])
  })
})

describe('lowerPowers()', () => {
  const lowered = (source: string) => prepareFiles([{ path: 'a.js', source }], 'a.js')[0]!.code
  /** Evaluates code with `**` and its lowered form and returns both. */
  const both = (expression: string): [unknown, unknown] => {
    const setup = 'let x = 3, o = { p: 2, q: { r: [2, 3] } }, log = []; const f = (v) => (log.push(v), v);'
    const helpers = `const __hotcell_power = (a, b) => a ** b, __hotcell_power_ref = (t, k) => ({ t, k, old: t[k] }),
      __hotcell_power_set = (r, v) => (r.t[r.k] = r.old ** v);`
    const code = lowered(`${setup} const r = ${expression};`).replace(/\n;import.*$/s, '')
    const evaluate = (text: string) => new Function(`${text}; return [r, x, o, log]`)() as unknown // oxlint-disable-line no-implied-eval, no-new-func -- the lowered text is what is tested
    return [evaluate(`${setup} const r = ${expression};`), evaluate(helpers + code)]
  }

  it.each([
    '2 ** 3',
    '2**3**2',
    '(2 ** 3) ** 2',
    '(-2) ** 2',
    '((2)) /* ** */ ** // **\n ((3))',
    'x **= 2',
    'o.p **= 3',
    'o["p"] **= 3',
    'o.q.r[f(1)] **= f(2) ** f(2)',
    '(o).q . r [0] **= 2',
    '`${2 ** 3} ** ${"**"}` + 2 ** 2',
    '[1, 2].map((v) => v ** 2 + 1)',
    '2n ** 10n',
    '1 + 2 ** 3 * 4 ** -1',
  ])('keeps the meaning of %s', (expression) => {
    const [wanted, got] = both(expression)

    expect(got).toEqual(wanted)
  })

  it('leaves no operator and no line behind', () => {
    const source = 'let a = 2\na **= a **\n  a\nconst b = a ** 2'
    const code = lowered(source)

    expect(code).not.toContain('**')
    expect(
      code
        .split('\n')
        .slice(0, 4)
        .map((line) => line.slice(0, 9)),
    ).toHaveLength(4)
    expect(code.split('\n')).toHaveLength(5)
  })

  it.each(['class A { #x = 1; f() { this.#x **= 2 } }'])('refuses %s', (source) => {
    expect(() => lowered(source)).toThrow('write x = x ** y')
  })
})
