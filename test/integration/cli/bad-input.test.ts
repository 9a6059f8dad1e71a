import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { type CliSandbox, createCliSandbox, hourlyCsv } from '../../support/cli.ts'

let cli: CliSandbox

beforeAll(async () => {
  cli = await createCliSandbox()
  await writeFile(join(cli.cwd, 'GOOD-1h.csv'), hourlyCsv(60))
  await writeFile(
    join(cli.cwd, 'HOLE-1h.csv'),
    hourlyCsv(60, (hour) => hour > 400 && hour < 700),
  )
  await writeFile(
    join(cli.cwd, 'DIRTY-1h.csv'),
    hourlyCsv(3).replace(/\n([^\n]*),([^,\n]*),([^,\n]*)\n/, '\n$1,-5,$3\n'),
  )
  await cli.run(['candles', 'import', 'GOOD-1h.csv', 'HOLE-1h.csv'])
})

afterAll(async () => {
  await cli[Symbol.asyncDispose]()
})

const strategy = (body: string, members = ''): string =>
  `import { BaseStrategy } from 'hotcell'\n\nexport default class Bad extends BaseStrategy {\n  ${members}\n  decide(context) {\n    ${body}\n  }\n}\n`

interface Row {
  readonly what: string
  readonly args: readonly string[]
  readonly files?: Readonly<Record<string, string>>
  readonly exit: number
  readonly code: string
  /** What the readable line must contain, the place or the value that is wrong. */
  readonly says: readonly string[]
}

const RUN = ['run', 'bad.ts', '--symbols', 'GOOD', '--interval', '1h']
const CONFIG = ['run', '--config', 'c.json']
const config = (change: Record<string, unknown>): string =>
  JSON.stringify({ strategy: { builtin: 'BuyAndHold' }, symbols: ['GOOD'], interval: '1h', ...change })

const ROWS: readonly Row[] = [
  {
    what: 'a configuration without a strategy',
    args: CONFIG,
    files: { 'c.json': '{"symbolz": 1}' },
    exit: 2,
    code: 'invalid_config',
    says: ['/strategy', '/symbolz'],
  },
  { what: 'a group without a command', args: ['candles'], exit: 2, code: 'usage', says: ['"candles"', 'no command'] },
  { what: 'help for nothing', args: ['help', 'frob'], exit: 2, code: 'usage', says: ['"help frob"'] },
  { what: 'a folder that is not there', args: ['new', 'a/b'], exit: 2, code: 'usage', says: ['no such folder'] },
  {
    what: 'an unknown field',
    args: CONFIG,
    files: { 'c.json': config({ symbol: 'X' }) },
    exit: 2,
    code: 'invalid_config',
    says: ['/symbol', 'not a known field'],
  },
  {
    what: 'a wrong type',
    args: CONFIG,
    files: { 'c.json': config({ initialCash: '10' }) },
    exit: 2,
    code: 'invalid_config',
    says: ['/initialCash', 'number'],
  },
  {
    what: 'NaN',
    args: CONFIG,
    files: { 'c.json': config({}).replace('"1h"', '"1h","initialCash":NaN') },
    exit: 2,
    code: 'invalid_config',
    says: ['JSON'],
  },
  {
    what: 'a number beyond Float64',
    args: CONFIG,
    files: { 'c.json': config({}).replace('"1h"', '"1h","initialCash":1e999') },
    exit: 2,
    code: 'invalid_config',
    says: ['/initialCash', 'finite'],
  },
  {
    what: 'a duplicate key',
    args: CONFIG,
    files: { 'c.json': config({}).replace('"1h"', '"1h","interval":"1d"') },
    exit: 2,
    code: 'invalid_config',
    says: ['/interval', 'twice'],
  },
  {
    what: '__proto__',
    args: CONFIG,
    files: { 'c.json': config({}).replace('"1h"', '"1h","__proto__":{}') },
    exit: 2,
    code: 'invalid_config',
    says: ['__proto__'],
  },
  {
    what: 'a missing config file',
    args: ['run', '--config', 'absent.json'],
    exit: 2,
    code: 'usage',
    says: ['absent.json', 'no such file'],
  },
  {
    what: 'an unknown symbol',
    args: ['run', 'BuyAndHold', '--symbols', 'NOPE', '--interval', '1h'],
    exit: 3,
    code: 'data_unavailable(unknown_symbol)',
    says: ['NOPE'],
  },
  {
    what: 'an empty range',
    args: ['run', 'BuyAndHold', '--symbols', 'GOOD', '--interval', '1h', '--from', '2030-01-01', '--to', '2030-02-01'],
    exit: 3,
    code: 'data_unavailable(empty_range)',
    says: ['no 1h bar'],
  },
  {
    what: 'a gap over the limit',
    args: ['run', 'BuyAndHold', '--symbols', 'HOLE', '--interval', '1h'],
    exit: 3,
    code: 'data_unavailable(gaps)',
    says: ['HOLE', '299'],
  },
  {
    what: 'a syntax error',
    args: RUN,
    files: { 'bad.ts': "import { BaseStrategy } from 'hotcell'\n\nexport default class {\n  decide( {\n}\n" },
    exit: 1,
    code: 'strategy_error(syntax)',
    says: ['bad.ts:'],
  },
  {
    what: 'a strategy that throws',
    args: RUN,
    files: { 'bad.ts': strategy("if (context.index > 5) throw new Error('boom at five')\n    return null") },
    exit: 1,
    code: 'strategy_error(threw)',
    says: ['boom at five', 'bad.ts:6:'],
  },
  {
    what: 'a promise',
    args: RUN,
    files: { 'bad.ts': strategy('return Promise.resolve(null)') },
    exit: 1,
    code: 'strategy_error(bad_decision)',
    says: ['promise'],
  },
  {
    what: 'a decision with NaN',
    args: RUN,
    files: { 'bad.ts': strategy("return { signal: 'BUY', size: NaN }") },
    exit: 1,
    code: 'strategy_error(bad_decision)',
    says: ['size'],
  },
  {
    what: 'a decision field that is not supported yet',
    args: RUN,
    files: { 'bad.ts': strategy("return { meta: { trail: 1 }, legs: [{ side: 'BUY' }] }") },
    exit: 1,
    code: 'strategy_error(bad_decision)',
    says: ['trail', 'not supported yet'],
  },
  {
    what: 'a foreign import',
    args: RUN,
    files: { 'bad.ts': "import fs from 'node:fs'\nexport default class {}\n" },
    exit: 1,
    code: 'strategy_error(syntax)',
    says: ['node:fs', 'bad.ts:1:'],
  },
  {
    what: 'an unknown parameter',
    args: [...RUN, '--param', 'speed=1'],
    files: { 'bad.ts': strategy('return null') },
    exit: 2,
    code: 'invalid_config',
    says: ['/strategy/params/speed'],
  },
  {
    what: 'an endless loop',
    args: RUN,
    files: { 'bad.ts': strategy('for (;;) {}') },
    exit: 4,
    code: 'limit_exceeded(bar_time)',
    says: ['hint'],
  },
  {
    what: 'a dirty CSV',
    args: ['candles', 'import', 'DIRTY-1h.csv'],
    exit: 2,
    code: 'import_rejected',
    says: ['row', 'DIRTY-1h.csv'],
  },
  { what: 'an unknown option', args: ['run', '--nope'], exit: 2, code: 'usage', says: ['--nope'] },
  { what: 'an unknown command', args: ['fly'], exit: 2, code: 'usage', says: ['fly'] },
  {
    what: 'an unknown built-in',
    args: ['run', 'Nope', '--symbols', 'GOOD', '--interval', '1h'],
    exit: 2,
    code: 'invalid_config',
    says: ['Nope', 'SmaCrossover'],
  },
  {
    what: 'an unknown policy',
    args: ['run', 'BuyAndHold', '--symbols', 'GOOD', '--interval', '1h', '--policy', 'nope'],
    exit: 2,
    code: 'invalid_config',
    says: ['/options/policy', 'default'],
  },
  { what: 'an unknown run', args: ['show', 'r-nope'], exit: 2, code: 'unknown_run', says: ['r-nope'] },
]

describe('hotcell, given bad input', () => {
  for (const row of ROWS) {
    it(`answers ${row.what} with ${row.code}, exit ${row.exit} and a hint`, async ({ expect }) => {
      for (const [name, text] of Object.entries(row.files ?? {})) await writeFile(join(cli.cwd, name), text)

      const result = await cli.run(row.args)

      expect(result.stderr).toContain(`error [${row.code}]: `)
      expect(result.code).toBe(row.exit)
      expect(result.stdout).toBe('')
      expect(result.stderr).toMatch(/\n {2}hint: \S/)
      for (const text of row.says) expect(result.stderr).toContain(text)
    })

    it(`answers ${row.what} with one JSON document under --json`, async ({ expect }) => {
      for (const [name, text] of Object.entries(row.files ?? {})) await writeFile(join(cli.cwd, name), text)

      const result = await cli.run([...row.args, '--json'])

      const document = JSON.parse(result.stdout) as {
        error?: { code: string; hint: string }
        outcome?: { kind: string; reason: string | null; hint: string }
      }
      const outcome = document.outcome
      const code =
        document.error?.code ?? (outcome?.reason === null ? outcome.kind : `${outcome?.kind}(${outcome?.reason})`)
      expect(code).toBe(row.code)
      expect((document.error ?? outcome)?.hint).toBeTruthy()
      expect(result.code).toBe(row.exit)
    })
  }
})
