import type { FlatJson } from '../protocol/run-config.ts'

/** A function of the strategy's class, by name, and what it is told first. */
export interface LegFunction {
  readonly fn: string
  readonly args: FlatJson
}

/** A text of the decision log as a function; null: it is none (decision-codec.ts checks texts that come from outside). */
export function parseLegFunction(text: string): LegFunction | null {
  try {
    const { fn, args, ...rest } = JSON.parse(text) as { fn?: unknown; args?: unknown }
    const isFlat = typeof args === 'object' && args !== null && !Array.isArray(args)
    if (typeof fn !== 'string' || !isFlat || Object.keys(rest).length > 0) return null
    return { fn, args: args as FlatJson }
  } catch {
    return null
  }
}
