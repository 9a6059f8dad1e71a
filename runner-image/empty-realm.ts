/** What a realm is before anything of a submission is in it. */
import type IsolatedVm from 'isolated-vm'
import { HOTCELL_NAMES } from './linking/hotcell-names.ts'
import { MAILBOX_RING_OFFSET } from './realm/mailbox-layout.ts'

/** What a realm is made from before anything of the submission is in it. */
export interface EmptyRealmOptions {
  readonly ivm: typeof IsolatedVm
  /** The bundled script of the realm. */
  readonly script: string
  /** Bytes of the isolate's heap and buffers; shared memory that it sees counts too. */
  readonly memoryBytes: number
  /** Shared with the supervisor. */
  readonly mailbox: SharedArrayBuffer
}

const ENGINE_MODULES: Readonly<Record<string, readonly string[]>> = {
  hotcell: HOTCELL_NAMES,
  'hotcell:power': ['__hotcell_power', '__hotcell_power_ref', '__hotcell_power_set'],
}

const MIN_MEGABYTES = 16
/** A mailbox without a log. */
const REHEARSAL_BYTES = MAILBOX_RING_OFFSET

/** An isolate with the engine's script and frozen intrinsics, and nothing of a strategy yet: it may be made ahead. */
export class EmptyRealm {
  readonly ivm: typeof IsolatedVm
  readonly isolate: IsolatedVm.Isolate
  readonly context: IsolatedVm.Context
  readonly engine: IsolatedVm.Reference<Record<string, unknown>>
  readonly memoryBytes: number
  readonly mailbox: SharedArrayBuffer
  /** `hotcell` and the helper of `**`, by name. */
  readonly modules: ReadonlyMap<string, IsolatedVm.Module>

  constructor(options: EmptyRealmOptions) {
    this.ivm = options.ivm
    this.memoryBytes = options.memoryBytes
    this.mailbox = options.mailbox
    this.isolate = new options.ivm.Isolate({
      memoryLimit: Math.max(MIN_MEGABYTES, Math.floor(options.memoryBytes / 1_048_576)),
    })
    this.context = this.isolate.createContextSync()
    this.context.evalSync(options.script, { filename: 'hotcell:realm' })
    this.engine = this.context.evalClosureSync(
      'const engine = globalThis.__hotcell_engine; delete globalThis.__hotcell_engine; return engine',
      [],
      { result: { reference: true } },
    ) as IsolatedVm.Reference<Record<string, unknown>>
    const prepare = this.engine.getSync('prepare', { reference: true }) as IsolatedVm.Reference<(box: unknown) => void>
    prepare.applySync(undefined, [new options.ivm.ExternalCopy(options.mailbox).copyInto()])
    this.modules = this.#compileModules()
  }

  /** Lets the code of a plan and a unit be compiled before there is a job; no bar is played and nothing is kept. */
  rehearse(): void {
    const rehearse = this.engine.getSync('rehearse', { reference: true }) as IsolatedVm.Reference<
      (box: unknown) => void
    >
    rehearse.applySync(undefined, [new this.ivm.ExternalCopy(new SharedArrayBuffer(REHEARSAL_BYTES)).copyInto()])
  }

  /** Modules whose exports come from the engine; evaluated before any user module. */
  #compileModules(): Map<string, IsolatedVm.Module> {
    const compiled = new Map<string, IsolatedVm.Module>()
    const { global } = this.context
    global.setSync('__hotcell_exports', this.engine.getSync('exportsOf', { reference: true }).derefInto())
    for (const [name, exports] of Object.entries(ENGINE_MODULES)) {
      const lines = exports.map((one) => `export const ${one} = globalThis.__hotcell_exports('${one}');`)
      const module = this.isolate.compileModuleSync(lines.join('\n'), { filename: `hotcell:${name}` })
      module.instantiateSync(this.context, () => {
        throw new Error('Invariant: engine modules import nothing')
      })
      module.evaluateSync()
      compiled.set(name, module)
    }
    global.deleteSync('__hotcell_exports')
    return compiled
  }
}
