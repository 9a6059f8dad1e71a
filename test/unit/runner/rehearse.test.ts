import IsolatedVm from 'isolated-vm'
import { beforeAll, describe, expect, it } from 'vitest'
import { drainLog } from '../../../runner-image/pool/log-drain.ts'
import { EmptyRealm } from '../../../runner-image/empty-realm.ts'
import { Realm } from '../../../runner-image/realm-host.ts'
import { MAILBOX_BAR_TIME, MAILBOX_BYTES } from '../../../runner-image/realm/mailbox-layout.ts'
import { rehearse } from '../../../runner-image/tasks/rehearse.ts'
import { bundleRealmScript } from '../../support/realm-run.ts'

let script = ''
beforeAll(async () => {
  script = await bundleRealmScript()
})

function collectRealms(): {
  made: EmptyRealm[]
  makeRealm: (memoryBytes: number, mailbox: SharedArrayBuffer) => EmptyRealm
} {
  const made: EmptyRealm[] = []
  return {
    made,
    makeRealm(memoryBytes, mailbox) {
      const realm = new EmptyRealm({ ivm: IsolatedVm, script, memoryBytes, mailbox })
      made.push(realm)
      return realm
    },
  }
}

describe('the rehearsal of a thread that waits', () => {
  it('plays a whole run with realms and a mailbox of its own, and keeps none', async () => {
    const { made, makeRealm } = collectRealms()

    await rehearse({ makeRealm, isOver: () => false })

    // One for the plan, one for the unit
    expect(made.map(({ isolate }) => isolate.isDisposed)).toEqual([true, true])
    expect(new Set(made.map(({ mailbox }) => mailbox)).size).toBe(1)
    // The unit has come to the last bar
    expect(new Float64Array(made[1]!.mailbox, 0, 16)[MAILBOX_BAR_TIME]).toBeGreaterThan(1.5e12)
  })

  it('ends after the step in which the job comes', async () => {
    const { made, makeRealm } = collectRealms()

    await rehearse({ makeRealm, isOver: () => made.length > 0 })

    expect(made).toHaveLength(1)
  })
})

describe('a realm that was made ahead', () => {
  it('answers after its own rehearsal as one without, and knows nothing of it', () => {
    const code = `import { BaseStrategy } from 'hotcell'
export default class Watcher extends BaseStrategy {
  filterSymbols(symbols) {
    const seen = [Math.random(), this.params.mark, Object.keys(globalThis).length, BaseStrategy.name]
    console.log(seen.join(' '))
    return symbols
  }
  requiredLookback() { return 7 }
}`
    const answers = [true, false].map((rehearses) => {
      const mailbox = new SharedArrayBuffer(MAILBOX_BYTES)
      const empty = new EmptyRealm({ ivm: IsolatedVm, script, memoryBytes: 64 * 2 ** 20, mailbox })
      if (rehearses) empty.rehearse()
      // The mailbox of the job shows nothing of it
      expect(new Int32Array(mailbox, 0, 16).every((word) => word === 0)).toBe(true)
      const randomState = [1, 2, 3, 4]
      const { realm } = Realm.open(empty, {
        modules: [{ path: 'a.js', code, imports: { hotcell: 'hotcell' }, decide: null, usesPromises: false }],
        main: 'a.js',
        className: 'default',
        randomState,
      })
      const job = {
        interval: '1m',
        symbols: ['X', 'Y'],
        instruments: [null, null],
        params: { mark: 5 },
        randomState,
      } as const
      const plan = realm.plan(job)
      realm.close()
      return { plan, logs: drainLog(mailbox) }
    })

    expect(answers[0]).toEqual(answers[1])
    expect(answers[0]!.logs).toHaveLength(1)
    expect(answers[0]!.plan).toMatchObject({ lookback: 7, symbols: ['X', 'Y'] })
  })

  it('shows no time of what ran between', () => {
    const mailbox = new SharedArrayBuffer(MAILBOX_BYTES)
    const empty = new EmptyRealm({ ivm: IsolatedVm, script, memoryBytes: 64 * 2 ** 20, mailbox })
    new Float64Array(mailbox, 0, 16)[MAILBOX_BAR_TIME] = 1.6e12
    const code = `import { BaseStrategy } from 'hotcell'
const loaded = Date.now()
if (loaded !== 0) throw new Error('loaded at ' + loaded)
export default class S extends BaseStrategy { decide() { return null } }`

    const { realm } = Realm.open(empty, {
      modules: [{ path: 'a.js', code, imports: { hotcell: 'hotcell' }, decide: null, usesPromises: false }],
      main: 'a.js',
      className: 'default',
      randomState: [1, 2, 3, 4],
    })

    realm.close()
    expect(empty.isolate.isDisposed).toBe(true)
  })
})
