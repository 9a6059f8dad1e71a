/**
 * Theory of operation. The worker's side of a realm: an isolate made for one plan, one unit or one aggregation and dropped
 * after it. The engine's script is evaluated and freezes everything, then the submitted modules are compiled and linked;
 * only strings, numbers, copies and SharedArrayBuffers cross. A realm that is gone (memory limit, catastrophic error) is
 * fatal: nobody knows what state the process is in, so the host must kill the cell.
 *
 * Callbacks of promises run when a call into the realm returns. So that they come at the same places whatever the slices
 * are in which rows come (look-ahead proof), a strategy that may have some is called for each instant by itself.
 */
import type IsolatedVm from 'isolated-vm'
import type { PortBinding } from '../src/backtest/port-bindings.ts'
import { claimOf } from './claim-of-failure.ts'
import { claim, ClaimedEnd, FatalEnd } from './claims.ts'
import type { EmptyRealm } from './empty-realm.ts'
import type { PreparedModule } from './linking/prepare-files.ts'
import type { Failure } from './realm/failures.ts'
import { MAILBOX_BAR_TIME } from './realm/mailbox-layout.ts'
import type {
  AggregateInput,
  AggregateJob,
  PlanAnswer,
  PlanJob,
  RealmAnswer,
  RealmRows,
  UnitJob,
} from './realm/wire.ts'

export interface RealmOptions {
  readonly modules: readonly PreparedModule[]
  /** Path of the main module and name of the class in it; null: a realm without a strategy. */
  readonly main: string | null
  readonly className: string
  /** Modules whose exports answer ports of phase 2. */
  readonly ports?: readonly PortBinding[]
  readonly randomState: readonly number[]
}

type BarCall = IsolatedVm.Reference<(time: number, equity: number, cash: number, account: string) => unknown>
type PortQuestion = IsolatedVm.Reference<(port: string, args: string) => string | number>

export class Realm {
  readonly #ivm: typeof IsolatedVm
  readonly #isolate: IsolatedVm.Isolate
  readonly #context: IsolatedVm.Context
  readonly #engine: IsolatedVm.Reference<Record<string, unknown>>
  readonly #modules: ReadonlyMap<string, IsolatedVm.Module>
  readonly #options: RealmOptions
  readonly #usesPromises: boolean
  #asking: PortQuestion | null = null
  #calling: BarCall | null = null

  private constructor(empty: EmptyRealm, options: RealmOptions) {
    this.#options = options
    this.#usesPromises = options.modules.some((module) => module.usesPromises)
    this.#ivm = empty.ivm
    this.#isolate = empty.isolate
    this.#context = empty.context
    this.#engine = empty.engine
    this.#modules = empty.modules
  }

  /** A realm with the strategy's modules evaluated; `empty` belongs to it from now on. @throws ClaimedEnd or FatalEnd */
  static open(empty: EmptyRealm, options: RealmOptions): { realm: Realm; className: string; params: string } {
    const realm = new Realm(empty, options)
    // The realm may have been made before another one of this thread ran
    new Float64Array(empty.mailbox, 0, 16)[MAILBOX_BAR_TIME] = 0
    try {
      return { realm, ...realm.#load() }
    } catch (error) {
      realm.close()
      throw error
    }
  }

  plan(job: PlanJob): PlanAnswer {
    return this.#ask('plan', [job]) as PlanAnswer
  }

  /** `memories`: one for each symbol of the unit. */
  run(job: UnitJob, memories: readonly SharedArrayBuffer[]): RealmRows {
    if (this.#usesPromises)
      return this.advance(
        job.symbols.map(({ rows }) => rows),
        job,
        memories,
      )
    return this.#ask('run', [job, memories]) as RealmRows
  }

  /** The part of a unit for which there are rows; `job` and memories with the first call. */
  advance(rows: readonly number[], job: UnitJob | null, memories: readonly SharedArrayBuffer[]): RealmRows {
    this.#ask('extend', [rows, job, memories])
    if (this.#usesPromises) while (this.#ask('step', []) === true);
    return this.#ask('advance', []) as RealmRows
  }

  aggregate(job: AggregateJob, input: AggregateInput, bars: Int32Array): RealmRows {
    const parts = this.#usesPromises ? instantsOf(input, bars) : [{ input, bars }]
    for (const part of parts) this.#ask('aggregate', [job, part.input, part.bars])
    return this.#ask('takeAggregated', []) as RealmRows
  }

  /** What a port answers: a number, or JSON text. `args`: JSON of the list of parameters. @throws ClaimedEnd or FatalEnd */
  ask(port: string, args: string): string | number {
    this.#asking ??= this.#engine.getSync('ask', { reference: true }) as PortQuestion
    const asking = this.#asking
    return this.#read(this.#guard(() => asking.applySync(undefined, [port, args])))
  }

  /** Makes the portfolio strategy; one memory for each symbol; `rows`: of each, null: all are there. @throws ClaimedEnd or FatalEnd */
  openBars(job: UnitJob, memories: readonly SharedArrayBuffer[], rows: readonly number[] | null): void {
    this.#ask('openBars', [job, memories, rows])
  }

  /** As many rows of each symbol as there are now (look-ahead proof). @throws ClaimedEnd or FatalEnd */
  growBars(rows: readonly number[]): void {
    this.#ask('growBars', [rows])
  }

  /** One call of onBar; null: it did nothing. @throws ClaimedEnd or FatalEnd */
  bar(time: number, equity: number, cash: number, account: string): RealmRows | null {
    this.#calling ??= this.#engine.getSync('bar', { reference: true }) as BarCall
    const calling = this.#calling
    const answer = this.#guard(() =>
      calling.applySync(undefined, [time, equity, cash, account], { result: { copy: true } }),
    ) as RealmRows | 0 | string
    if (answer === 0) return null
    if (typeof answer !== 'string') return answer
    throw claimOf(JSON.parse(answer.slice(1)) as Failure, this.#options.modules)
  }

  /** Answers of calls that are too many to copy objects: a number, or text after a mark. */
  #read(answer: string | number): string | number {
    if (typeof answer === 'number') return answer
    if (answer.startsWith('v')) return answer.slice(1)
    throw claimOf(JSON.parse(answer.slice(1)) as Failure, this.#options.modules)
  }

  close(): void {
    if (!this.#isolate.isDisposed) this.#isolate.dispose()
  }

  #load(): { className: string; params: string } {
    const { modules, main, className, ports = [], randomState } = this.#options
    this.#call('seedRandom', [this.#copy(randomState)])
    const compiled = new Map(this.#modules)
    const paths = new Map<IsolatedVm.Module, PreparedModule>()
    for (const module of modules) {
      const unit = this.#guard(() => this.#compile(module))
      compiled.set(module.path, unit)
      paths.set(unit, module)
    }
    for (const path of new Set([...(main === null ? [] : [main]), ...ports.map((one) => one.module)])) {
      const entry = compiled.get(path)!
      this.#guard(() => {
        entry.instantiateSync(this.#context, (specifier, referrer) =>
          compiled.get(paths.get(referrer)!.imports[specifier]!)!,
        )
        entry.evaluateSync()
      })
      if (path !== main || ports.length > 0) this.#call('addModule', [path, entry.namespace.derefInto()])
    }
    if (ports.length > 0) this.#ask('openPorts', [ports])
    if (main === null) return { className, params: '{}' }
    const { namespace } = compiled.get(main)!
    const answer = this.#call('loadClass', [namespace.derefInto(), className]) as RealmAnswer<{
      name: string
      params: string
    }>
    const { name, params } = this.#unwrap(answer)
    return { className: name, params }
  }

  /** The engine finds early errors that the parser in front of it does not. */
  #compile(module: PreparedModule): IsolatedVm.Module {
    try {
      return this.#isolate.compileModuleSync(module.code, { filename: module.path })
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      const match = /^(.*) \[(.+):(\d+):(\d+)\]$/s.exec(error.message)
      const location = match === null ? null : { file: match[2]!, line: Number(match[3]), column: Number(match[4]) }
      const where = location === null ? module.path : `${location.file}:${location.line}:${location.column}`
      const message = `Cannot load "${where}": ${match?.[1] ?? error.message}`
      throw claim({ kind: 'strategy_error', reason: 'syntax', message, location })
    }
  }

  #copy(value: unknown): IsolatedVm.Transferable {
    return new this.#ivm.ExternalCopy(value).copyInto()
  }

  #call(name: string, args: readonly unknown[]): unknown {
    return this.#guard(() => {
      const target = this.#engine.getSync(name, { reference: true }) as IsolatedVm.Reference<
        (...args: unknown[]) => unknown
      >
      return target.applySync(undefined, [...args] as never, { result: { copy: true } })
    })
  }

  #ask(name: string, args: readonly unknown[]): unknown {
    const copies = args.map((arg) => this.#copy(arg))
    return this.#unwrap(this.#call(name, copies) as RealmAnswer<unknown>)
  }

  #unwrap<T>(answer: RealmAnswer<T>): T {
    if (answer.ok) return answer.value
    throw claimOf(answer.failure, this.#options.modules)
  }

  /** Runs what evaluates user code: an isolate that is gone is fatal, anything else was thrown by the strategy. */
  #guard<T>(action: () => T): T {
    try {
      return action()
    } catch (error) {
      if (error instanceof ClaimedEnd) throw error
      const { message, name, stack } = error instanceof Error ? error : new Error(String(error))
      // What a message says is the strategy's to choose
      if (this.#isolate.isDisposed) {
        throw new FatalEnd('heap', `The strategy used more memory than the realm has: ${message}`)
      }
      const failure: Failure = {
        reason: 'threw',
        message: `${name}: ${message}`,
        stack: stack ?? '',
        time: 0,
        method: 'module',
      }
      throw claimOf(failure, this.#options.modules)
    }
  }
}

/** The same instants, one at a time; before them none, so that the strategy is constructed in a call of its own. */
function instantsOf(input: AggregateInput, bars: Int32Array): { input: AggregateInput; bars: Int32Array }[] {
  const width = bars.length / input.times.length
  const instants = input.times.map((time, i) => {
    const decisions = input.decisions.slice(input.starts[i], input.starts[i + 1])
    const one = { decisions, starts: [0, decisions.length], times: [time] }
    return { input: one, bars: bars.slice(i * width, (i + 1) * width) }
  })
  return [{ input: { decisions: [], starts: [0], times: [] }, bars: new Int32Array() }, ...instants]
}
