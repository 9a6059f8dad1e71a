import type { FieldRow } from './field-row.ts'

/** Order types by code of the user. */
export const EXECUTORS_FIELD: FieldRow = {
  field: '/executors',
  good: [
    [{}, '/config/market', 'spot'],
    [
      { iceberg: { module: 'main.ts', class: 'X' }, 'at/once': { module: 'main.ts', function: 'f' } },
      '/config/executors',
      {
        'at/once': { module: 'main.ts', function: 'f' },
        iceberg: { module: 'main.ts', class: 'X', params: {} },
      },
    ],
    [{ ['\u{1f9ca}'.repeat(64)]: { module: 'main.ts', function: 'f' } }, '/config/market', 'spot'],
  ],
  bad: [
    1,
    { iceberg: {} },
    { iceberg: null },
    { iceberg: 'x' },
    { iceberg: { builtin: 'x' } },
    { iceberg: { module: 'nowhere.ts' } },
    { iceberg: { module: 'main.ts', class: 'X', function: 'f' } },
    { iceberg: { module: 'main.ts', function: 'f', params: { a: 1 } } },
    { limit: { module: 'main.ts', class: 'X' } },
    { default: { module: 'main.ts', class: 'X' } },
    { '': { module: 'main.ts', class: 'X' } },
    { ['\u{1f9ca}'.repeat(65)]: { module: 'main.ts', class: 'X' } },
    { ['x'.repeat(65)]: { module: 'main.ts', class: 'X' } },
    Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`e${i}`, { module: 'main.ts', function: 'f' }])),
  ],
}
