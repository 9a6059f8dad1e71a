import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, it } from 'vitest'
import { PROJECT_ROOT } from '../../../orchestrator-service/sandbox/image/project-root.ts'
import { CHANNELS } from '../../support/look-ahead/channels.ts'
import { withChannelTable } from '../../support/look-ahead/docs.ts'
import { runChannel } from '../../support/look-ahead/run.ts'
import { bundleRealmScript } from '../../support/realm-run.ts'

let script = ''
beforeAll(async () => {
  script = await bundleRealmScript()
})

/** Those that read columns in ways of their own. */
const SHOWN = CHANNELS.filter(({ closedBy }) => closedBy.startsWith('columns are the own view'))

describe.each(CHANNELS)('a strategy that $attempt', (channel) => {
  it('decides byte for byte as it does without', async ({ expect }) => {
    const plain = await runChannel(script, channel, { use: 'none' })
    const trying = await runChannel(script, channel, { use: 'decides' })

    expect(plain.rows.length).toBeGreaterThan(40)
    expect(trying.bytes).toBe(plain.bytes)
  })

  it('gets the same from another future', async ({ expect }) => {
    const one = await runChannel(script, channel, { use: 'tells' })
    const other = await runChannel(script, channel, { use: 'tells', isOther: true })

    expect(one.early.length).toBeGreaterThan(20)
    expect(other.early).toEqual(one.early)
    expect(other.bytes).not.toBe(one.bytes)
    // An attempt that fails for another reason than ours has tried nothing
    const failure = channel.failure ?? null
    for (const told of one.told) expect(told).toContain(failure ?? '')
    if (failure === null) expect(one.told.filter((told) => told?.includes('Error'))).toEqual([])
  })
})

describe('the table of channels', () => {
  it('finds out a strategy that is told a price', async ({ expect }) => {
    const channel = { name: 'told', attempt: '', closedBy: '', find: 'candles.close[index - 1]' }

    const plain = await runChannel(script, channel, { use: 'none' })
    const told = await runChannel(script, channel, { use: 'decides' })

    expect(told.bytes).not.toBe(plain.bytes)
  })

  it.for(SHOWN)('finds out a realm that shows the next bar, by `$name`', async (channel, { expect }) => {
    const leaky = script.replaceAll(
      /if \((\w+) !== null\) \1\[row\] = (\w+)\[row\];/g,
      'if ($1 !== null) { $1[row] = $2[row]; $1[row + 1] = $2[row + 1]; }',
    )

    const one = await runChannel(leaky, channel, { use: 'tells' })
    const other = await runChannel(leaky, channel, { use: 'tells', isOther: true })

    expect(leaky.length - script.length).toBeGreaterThan(6 * 20)
    expect(other.early).not.toEqual(one.early)
  })

  it('stands in docs/look-ahead.md', ({ expect }) => {
    const text = readFileSync(join(PROJECT_ROOT, 'docs/look-ahead.md'), 'utf8')

    expect(new Set(CHANNELS.map(({ name }) => name)).size).toBe(CHANNELS.length)
    expect(withChannelTable(text), 'run `node test/support/look-ahead/write-docs.ts`').toBe(text)
  })
})
