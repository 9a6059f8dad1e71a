/** What defaults may depend on. */
export interface ComponentDefaults {
  readonly symbolCount: number
}

interface NumberRule {
  readonly description: string
  /** Null: there is none, the parameter must be given. */
  readonly default: ((defaults: ComponentDefaults) => number) | null
  readonly minimum: number
  readonly maximum: number
  /** Whether `minimum` itself is refused. */
  readonly aboveMinimum?: true
  readonly integer?: true
}

interface TextRule {
  readonly description: string
  readonly default: null
  /** How it is written, for messages. */
  readonly form: string
  /** What is wrong with a text, or null. */
  readonly problem: (text: string) => string | null
}

export type ParameterRule = NumberRule | TextRule

export interface BuiltinRule {
  readonly name: string
  readonly params: ReadonlyMap<string, ParameterRule>
}

export function builtin(name: string, params: Record<string, ParameterRule> = {}): BuiltinRule {
  return { name, params: new Map(Object.entries(params)) }
}

const MAX_AMOUNT = 1e15

/** A parameter above 0 without a default. */
export function amount(description: string): NumberRule {
  return { description, default: null, minimum: 0, maximum: MAX_AMOUNT, aboveMinimum: true }
}

/** As `amount`, but with a default. */
export function amountOr(description: string, value: NumberRule['default']): NumberRule {
  return { ...amount(description), default: value }
}

/** A whole number from 1 to 1,000,000. */
export function count(description: string, value: NumberRule['default']): NumberRule {
  return { description, default: value, minimum: 1, maximum: 1_000_000, integer: true }
}
