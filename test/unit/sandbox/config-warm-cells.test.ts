import { expect, it } from 'vitest'
import { readConfig } from '../../../orchestrator-service/config.ts'

it.for([
  [undefined, { min: 1, max: 4 }],
  ['0', { min: 0, max: 0 }],
  ['3', { min: 3, max: 3 }],
  ['0..2', { min: 0, max: 2 }],
  ['64', { min: 64, max: 64 }],
] as const)('HOTCELL_WARM_CELLS=%s is %o', ([value, bounds]) => {
  expect(readConfig({ HOTCELL_WARM_CELLS: value }).warmCells).toEqual(bounds)
})

it.for(['2..1', '65', '1..', '..4', '1...4', '-1', 'many', '1.5'])('HOTCELL_WARM_CELLS=%s is refused', (value) => {
  expect(() => readConfig({ HOTCELL_WARM_CELLS: value })).toThrow(/Cannot use HOTCELL_WARM_CELLS/)
})
