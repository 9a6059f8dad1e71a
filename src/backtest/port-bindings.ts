/** What of the user's code answers phase 2. The realm reads this too, so it imports nothing. */
import type { FlatJson, RunConfig } from '../protocol/run-config.ts'
import type { DecisionLog } from './decision-log.ts'
import type { UserPortName } from './answer-log.ts'

/** Code of a user that answers a port: an export of a submitted file, either a class (made once with params) or a function. */
export interface PortBinding {
  readonly port: UserPortName
  readonly module: string
  readonly class?: string
  readonly function?: string
  readonly params?: FlatJson
  /** Of several under one port (executors), the name that the first argument is matched with. */
  readonly name?: string
}

/** Method with which an instance of a bound class answers; null: the first argument names a static method of the class. */
export const PORT_METHODS: { readonly [Port in UserPortName]: string | null } = {
  leg: null,
  exitResolver: null,
  fee: 'cost',
  slippage: 'price',
  sizing: 'size',
  capacity: 'admit',
  risk: 'check',
  fill: 'fill',
  executor: 'execute',
}

/** Whether a decision names a function of its leg, or one that picks lines. */
export function namesFunctions({ texts }: Pick<DecisionLog, 'texts'>): boolean {
  return texts.has('priceFn') || texts.has('whenFn') || texts.has('exitResolver')
}

/** The functions of legs and exit resolvers: static methods of the strategy's class. */
export function legBindings({ strategy }: RunConfig): PortBinding[] {
  if ('builtin' in strategy) return []
  const { module, class: name } = strategy
  return (['leg', 'exitResolver'] as const).map((port) => ({ port, module, class: name }))
}

/** All code of users that phase 2 of a run may ask. Empty: phase 2 needs no realm. */
export function portBindings({ fee, slippage, sizing, capacity, risk, fill, executors }: RunConfig): PortBinding[] {
  const specs = { fee, slippage, sizing, capacity, risk }
  const fills: PortBinding[] = typeof fill === 'string' ? [] : [{ port: 'fill', ...fill }]
  const others = (Object.keys(specs) as (keyof typeof specs)[]).flatMap((port): PortBinding[] => {
    const spec = specs[port]
    return 'module' in spec ? [{ port, ...spec }] : []
  })
  const named = Object.entries(executors ?? {}).map(([name, spec]): PortBinding => ({
    port: 'executor',
    name,
    ...spec,
  }))
  return [...others, ...fills, ...named]
}
