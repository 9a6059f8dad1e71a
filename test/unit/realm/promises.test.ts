import { beforeAll, describe, it } from 'vitest'
import { bundleRealmScript, createTaskRunner } from '../../support/realm-run.ts'
import { makeFileConfig, makeHeader } from '../../support/runner-program.ts'
import { makeWalk } from '../../support/sample-series.ts'

/** Callbacks of promises: after the call that queued them, before the next one, wherever a proof cuts. */
let script = ''
beforeAll(async () => {
  script = await bundleRealmScript()
})

const kept = async (body: string, methods: string): Promise<unknown[]> => {
  const source = `import { BaseStrategy } from 'hotcell'
export default class S extends BaseStrategy {
  ${methods}
  decide({ index }) { ${body} }
}`
  const series = makeWalk({ symbol: 'AAA', rows: 4 })
  const header = makeHeader(makeFileConfig(source, { path: 'main.js' }))
  const { rows } = await createTaskRunner(script).run(header, series)
  return rows.map(({ meta }) => (JSON.parse(meta!) as { kept: unknown }).kept)
}

const TELL = `return { signal: 'BUY', meta: { kept: this.kept } }`

describe('callbacks of promises', () => {
  it('run between two calls of decide()', async ({ expect }) => {
    const methods = 'kept = 0; async wait() { for (let i = 0; i < 9; i++) await null; this.kept += 1 }'

    expect(await kept(`void this.wait(); ${TELL}`, methods)).toEqual([0, 1, 2, 3])
  })

  it('of the constructor and of fit() run before the first one', async ({ expect }) => {
    const methods = `kept = 'nothing'
  constructor(params) { super(params); Promise.resolve().then(() => { this.kept += ', constructor' }) }
  fit() { Promise.resolve().then(() => { this.kept += ', fit' }) }`

    expect(await kept(TELL, methods)).toEqual(Array(4).fill('nothing, constructor, fit'))
  })

  it('run between two calls of aggregateSignals()', async ({ expect }) => {
    const methods = `kept = 0
  aggregateSignals(decisions) {
    Promise.resolve().then(() => { this.kept += 1 })
    return decisions.map((one) => ({ ...one, meta: { kept: this.kept } }))
  }`

    expect(await kept(`return { signal: 'BUY' }`, methods)).toEqual([0, 1, 2, 3])
  })
})
