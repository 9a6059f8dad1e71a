import { existsSync, globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, it } from 'vitest'
import {
  checkDefaultExport,
  checkDisableReason,
  checkImportDirection,
  checkImportExtension,
  checkLength,
  checkName,
  checkNoSilencedTest,
  checkPurity,
  findCircles,
  type Rule,
  type SourceText,
} from '../support/architecture-rules.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const TOP_FOLDERS = ['src', 'runner-image', 'orchestrator-service', 'test']
/** Hostile programs and their like keep to their own form: a default export is what a strategy file is. */
const STRATEGY_FILES = /^test\/(attacks|golden|support\/strategies|integration\/.*strategies)\//

/** Put together here, so that the samples below are not found as breaches of this very file. */
const SKIP = 'skip'
const ONLY = 'only'
const LINTER = 'oxlint'
const CHECKER = 'ts'

const files = TOP_FOLDERS.flatMap((folder) =>
  globSync('**/*.{ts,mjs}', { cwd: join(ROOT, folder) }).map((path): SourceText => {
    const full = `${folder}/${path}`
    return { path: full, text: readFileSync(join(ROOT, full), 'utf8') }
  }),
)
const inFolder = (folder: string) => files.filter(({ path }) => path.startsWith(`${folder}/`))
const problemsOf = (rule: Rule, among: readonly SourceText[]) => among.flatMap(rule)

describe('the repository', () => {
  it('is read: no rule below passes for lack of files', ({ expect }) => {
    for (const folder of TOP_FOLDERS) expect(inFolder(folder).length, folder).toBeGreaterThan(3)
  })

  it('imports only orchestrator-service -> src <- runner-image, and nobody imports test', ({ expect }) => {
    expect(problemsOf(checkImportDirection, files)).toEqual([])
  })

  it('has no circle of files that import each other', ({ expect }) => {
    expect(findCircles(files.filter(({ path }) => !path.startsWith('test/')))).toEqual([])
  })

  it('names every imported file with its extension', ({ expect }) => {
    expect(problemsOf(checkImportExtension, files)).toEqual([])
  })

  it('keeps src pure', ({ expect }) => {
    expect(problemsOf(checkPurity, inFolder('src'))).toEqual([])
  })

  it('has no file of more than 300 lines', ({ expect }) => {
    expect(problemsOf(checkLength, files)).toEqual([])
  })

  it('names files in kebab-case and has no barrel', ({ expect }) => {
    expect(problemsOf(checkName, files)).toEqual([])
  })

  it('has no default export outside strategies', ({ expect }) => {
    const ours = files.filter(({ path }) => !STRATEGY_FILES.test(path))

    expect(problemsOf(checkDefaultExport, ours)).toEqual([])
  })

  it('silences no test', ({ expect }) => {
    expect(problemsOf(checkNoSilencedTest, inFolder('test'))).toEqual([])
  })

  it('gives a reason for every rule that it switches off', ({ expect }) => {
    expect(problemsOf(checkDisableReason, files)).toEqual([])
  })

  it('says in each top folder what it owns', ({ expect }) => {
    const missing = [...TOP_FOLDERS, 'sandbox-policies'].filter(
      (folder) => !existsSync(join(ROOT, folder, 'README.md')),
    )

    expect(missing).toEqual([])
  })
})

describe('each rule', () => {
  it('finds a circle of three files, types too', ({ expect }) => {
    const circle = [
      { path: 'src/a.ts', text: "import type { B } from './b/b.ts'" },
      { path: 'src/b/b.ts', text: "import { c } from '../c.ts'" },
      { path: 'src/c.ts', text: "import { a } from './a.ts'\nimport { d } from './d.ts'" },
      { path: 'src/d.ts', text: '' },
    ]

    expect(findCircles(circle)).toEqual(['src/a.ts -> src/b/b.ts -> src/c.ts -> src/a.ts'])
  })

  const bad: readonly [rule: Rule, name: string, path: string, text: string][] = [
    [
      checkImportDirection,
      'src importing the host',
      'src/a/b.ts',
      "import { x } from '../../orchestrator-service/x.ts'",
    ],
    [checkImportDirection, 'src importing the runner', 'src/b.ts', "export * from '../runner-image/x.ts'"],
    [
      checkImportDirection,
      'the host importing the runner',
      'orchestrator-service/b.ts',
      "import '../runner-image/x.ts'",
    ],
    [
      checkImportDirection,
      'a type from the wrong side',
      'runner-image/b.ts',
      "import type { A } from '../orchestrator-service/x.ts'",
    ],
    [checkImportDirection, 'a lazy import of test', 'orchestrator-service/b.ts', "await import('../test/x.ts')"],
    [checkImportDirection, 'an import over several lines', 'src/b.ts', "import {\n  a,\n} from '../test/x.ts'"],
    [checkImportExtension, 'an import without extension', 'src/b.ts', "import { x } from './x'"],
    [checkPurity, 'a Node module', 'src/b.ts', "import { readFileSync } from 'node:fs'"],
    [checkPurity, 'the clock', 'src/b.ts', 'const now = Date.now()'],
    [checkPurity, 'the clock in a template', 'src/b.ts', 'const now = `${Date.now()}`'],
    [checkPurity, 'a clock made anew', 'src/b.ts', 'const now = new Date()'],
    [checkPurity, 'the environment', 'src/b.ts', 'if (process.env.X) run()'],
    [checkPurity, 'a timer', 'src/b.ts', 'setTimeout(run, 1)'],
    [checkPurity, 'randomness', 'src/b.ts', 'Math.random()'],
    [checkPurity, 'libm', 'src/b.ts', 'const x = Math.pow(2, 3)'],
    [checkPurity, 'libm by another name', 'src/b.ts', 'const { exp } = Math\n'],
    [checkPurity, 'the power operator', 'src/b.ts', 'const x = 2 ** 3'],
    [checkPurity, 'the console', 'src/b.ts', 'console.log(1)'],
    [checkLength, 'a long file', 'src/b.ts', 'x\n'.repeat(301)],
    [checkName, 'a capital letter', 'src/playTimeline.ts', ''],
    [checkName, 'an underscore', 'src/play_timeline.ts', ''],
    [checkName, 'a barrel', 'src/candles/index.ts', ''],
    [checkDefaultExport, 'a default export', 'src/b.ts', 'export default class {}'],
    [checkNoSilencedTest, 'a skipped test', 'test/unit/b.test.ts', `it.${SKIP}('x', () => {})`],
    [checkNoSilencedTest, 'a lonely test', 'test/unit/b.test.ts', `describe.${ONLY}('x', () => {})`],
    [checkDisableReason, 'a disable without reason', 'src/b.ts', `// ${LINTER}-disable-next-line no-var`],
    [checkDisableReason, 'a dash without reason', 'src/b.ts', `/* ${LINTER}-disable no-var -- */`],
    [checkDisableReason, 'types switched off', 'src/b.ts', `// @${CHECKER}-ignore because`],
  ]
  for (const [rule, name, path, text] of bad) {
    it(`finds ${name}`, ({ expect }) => {
      expect(rule({ path, text })).toHaveLength(1)
    })
  }

  const good: readonly [rule: Rule, name: string, path: string, text: string][] = [
    [checkImportDirection, 'the runner importing src', 'runner-image/realm/b.ts', "import { x } from '../../src/x.ts'"],
    [checkPurity, 'words in comments and strings', 'src/b.ts', "// Date ** process\nconst x = 'Math.random() ** 2'"],
    [checkPurity, 'allowed arithmetic', 'src/b.ts', 'const x = Math.sqrt(Math.abs(2)) % 3'],
    [checkPurity, 'a field of that name', 'src/b.ts', 'const x = row.process + row.Date'],
    [checkLength, 'a file of 300 lines', 'src/b.ts', 'x\n'.repeat(300)],
    [checkName, 'a test file', 'test/unit/play-timeline.test.ts', ''],
    [checkNoSilencedTest, 'a condition', 'test/unit/b.test.ts', `it.${SKIP}If(!data)('x', () => {})`],
    [checkDisableReason, 'a disable with its reason', 'src/b.ts', '// oxlint-disable-next-line no-var -- realm code'],
  ]
  for (const [rule, name, path, text] of good) {
    it(`lets ${name} pass`, ({ expect }) => {
      expect(rule({ path, text })).toEqual([])
    })
  }
})
