import { describe, expect, it } from 'vitest'
import { fuzz } from '../../fuzz/supervise.ts'
import type { FuzzTargetName } from '../../fuzz/targets/all.ts'

/** Few, so that they take seconds everywhere; `npm run fuzz` goes on for as long as one likes. */
const CASES: Readonly<Record<FuzzTargetName, number>> = { demux: 1500, frames: 1500, result: 3000, events: 800 }
const SECONDS = 60

describe('hostile input', () => {
  for (const [target, cases] of Object.entries(CASES) as [FuzzTargetName, number][]) {
    it(`does not move the parser of ${target} from what it promises, in ${cases} made-up cases`, async () => {
      const seed = Number(process.env['HOTCELL_FUZZ_SEED'] ?? 20_261_121)
      console.log(`fuzz ${target}: seed ${seed} (another one: HOTCELL_FUZZ_SEED)`)

      const { executions, finding } = await fuzz({ target, seed, first: 0, cases, seconds: SECONDS })

      expect(finding?.message ?? 'nothing', `case ${finding?.index} of seed ${seed}`).toBe('nothing')
      expect(executions).toBe(cases)
    })
  }
})
