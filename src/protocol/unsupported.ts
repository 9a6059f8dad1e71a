import type { FieldError } from '../errors.ts'
import type { BacktestConfig } from './backtest-config.ts'

/** What a public field may be in this release; anything else of it is refused by name, never ignored. */
interface Boundary {
  readonly pointer: string
  readonly what: string
  readonly unsupported: (config: BacktestConfig) => boolean
}

const BOUNDARIES: readonly Boundary[] = [
  {
    pointer: '/executors',
    what: 'user order types',
    unsupported: (c) => c.executors !== undefined && Object.keys(c.executors).length > 0,
  },
]

/** Public fields whose value has no rule in this release (`invalid_config`). */
export function findUnsupported(config: BacktestConfig): FieldError[] {
  return BOUNDARIES.filter((b) => b.unsupported(config)).map((b) => ({
    pointer: b.pointer,
    message: `not supported yet: ${b.what}`,
  }))
}
