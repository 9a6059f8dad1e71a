import type { FieldError } from '../errors.ts'
import { type BuiltinDefinition, defineBuiltin, RowSink } from './builtin-definition.ts'
import { ENSEMBLE_PARAMS, type MemberSpec, parseMembers } from './ensemble-members.ts'
import { resolveParams } from './param-table.ts'

/** Adds the weight of a member to the sum of the row that it decides at. */
class VoteSink extends RowSink {
  readonly #weight: number
  readonly #sums: { values: Float64Array; base: number }

  constructor(weight: number, sums: { values: Float64Array; base: number }) {
    super()
    this.#weight = weight
    this.#sums = sums
  }

  override buy(bar: number): void {
    this.#sums.values[bar - this.#sums.base]! += this.#weight
  }

  override sell(bar: number): void {
    this.#sums.values[bar - this.#sums.base]! -= this.#weight
  }
}

type Members = { definition: BuiltinDefinition; params: MemberSpec['params']; weight: number }[]

/**
 * Σ = sum over the members, in their order, of weight · signal at row i (BUY 1, SELL −1, else 0). BUY when Σ > 0 and
 * Σ >= threshold, SELL when Σ < 0 and −Σ >= threshold. Lookback: the longest of the members.
 * @param lookUp a built-in that may be a member
 */
export function defineEnsemble(lookUp: (name: string) => BuiltinDefinition | undefined): BuiltinDefinition {
  const read = (params: { strategies: string; weights: string }): { members: Members } | { errors: FieldError[] } => {
    const parsed = parseMembers(params)
    if ('errors' in parsed) return parsed
    const errors: FieldError[] = []
    const members: Members = []
    const pointer = '/strategy/params/strategies'
    for (const { name, params: given, weight } of parsed.members) {
      const definition = lookUp(name)
      if (definition === undefined) {
        errors.push({ pointer, message: `names "${name}", which is no built-in strategy that can be a member` })
        continue
      }
      const resolved = resolveParams(definition.params, given)
      const faults = resolved.errors.length > 0 ? resolved.errors : definition.check(resolved.params)
      for (const fault of faults) {
        errors.push({ pointer, message: `${name}.${fault.pointer.replace('/strategy/params/', '')} ${fault.message}` })
      }
      members.push({ definition, params: resolved.params, weight })
    }
    return errors.length > 0 ? { errors } : { members }
  }
  const membersOf = (params: { strategies: string; weights: string }): Members => {
    const found = read(params)
    if ('errors' in found) throw new Error('Invariant: the members have been checked')
    return found.members
  }
  return defineBuiltin<{ strategies: string; weights: string; threshold: number }>({
    params: ENSEMBLE_PARAMS,
    lookback: (params) => Math.max(...membersOf(params).map(({ definition, params: own }) => definition.lookback(own))),
    check: (params) => {
      const found = read(params)
      return 'errors' in found ? found.errors : []
    },
    start({ params, series, first, sink, partRows }) {
      const sums = { values: new Float64Array(partRows), base: 0 }
      const kernels = membersOf(params).map(({ definition, params: own, weight }) =>
        definition.start({ params: own, series, first, sink: new VoteSink(weight, sums), partRows }),
      )
      const { threshold } = params
      return (from, to) => {
        sums.base = from
        sums.values.fill(0)
        for (const advance of kernels) advance(from, to)
        for (let i = from; i < to; i++) {
          const sum = sums.values[i - from]!
          if (sum > 0 && sum >= threshold) sink.buy(i)
          else if (sum < 0 && -sum >= threshold) sink.sell(i)
        }
      }
    },
  })
}
