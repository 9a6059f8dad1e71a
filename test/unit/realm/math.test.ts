import { describe, expect, it } from 'vitest'
import { bundleRealmScript, createTaskRunner } from '../../support/realm-run.ts'
import { makeFileConfig, makeHeader } from '../../support/runner-program.ts'
import { makeWalk } from '../../support/sample-series.ts'

/** Functions whose result the language fixes to the last bit: the engine's own stay. */
const EXACT = 'abs ceil clz32 f16round floor fround imul max min round sign sqrt trunc'.split(' ')
/** Functions that the realm computes itself. */
const KERNELS =
  'acos acosh asin asinh atan atan2 atanh cbrt cos cosh exp expm1 hypot log log10 log1p log2 pow random sin sinh tan tanh'.split(
    ' ',
  )

async function loggedAtLoad(expression: string): Promise<unknown> {
  const source = `import { BaseStrategy } from 'hotcell'
console.log(JSON.stringify(${expression}))
export default class S extends BaseStrategy { decide() { return null } }`
  const run = createTaskRunner(await bundleRealmScript()).run(
    makeHeader(makeFileConfig(source, { path: 'main.js' })),
    makeWalk({ symbol: 'AAA', rows: 5 }),
  )
  const { logs } = await run
  return JSON.parse(logs[0]!.text) as unknown
}

describe('Math of a realm', () => {
  it('has only exact functions of the engine and kernels of ours', async () => {
    const rows = (await loggedAtLoad(
      `Object.getOwnPropertyNames(Math).filter((n) => typeof Math[n] === 'function').map((n) =>
        [n, Function.prototype.toString.call(Math[n]).includes('[native code]'), Math[n].name, Math[n].length])`,
    )) as [name: string, native: boolean, ownName: string, length: number][]

    expect(rows.map(([name]) => name).sort()).toEqual([...EXACT, ...KERNELS].sort())
    for (const [name, native, ownName, length] of rows) {
      expect({ name, native, ownName, length }).toEqual({
        name,
        native: EXACT.includes(name),
        ownName: name,
        length: (Math as unknown as Record<string, { length: number }>)[name]!.length,
      })
    }
  })

  it('converts arguments as the language does', async () => {
    const values = await loggedAtLoad(
      `[Math.sin('0'), Math.hypot('3', { valueOf: () => 4 }), Math.cbrt(null), Math.hypot(), String(Math.tan()),
        [() => Math.log2(4n), () => Math.hypot(NaN, 1n), () => Math.pow(2n, 2)].map((f) => { try { return f() } catch (e) { return e.name } })]`,
    )

    expect(values).toEqual([0, 5, 0, 0, 'NaN', ['TypeError', 'TypeError', 'TypeError']])
  })

  it('keeps its properties out of enumeration and itself frozen', async () => {
    expect(await loggedAtLoad(`[Object.keys(Math), Object.isFrozen(Math), Object.isFrozen(Math.sin)]`)).toEqual([
      [],
      true,
      true,
    ])
  })
})
