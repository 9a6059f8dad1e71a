import { randomBytes } from 'node:crypto'
import type { CellEvent } from '../../src/protocol/events.ts'
import type { Cell } from '../../orchestrator-service/sandbox/cell-handle.ts'
import type { CellExit } from '../../orchestrator-service/sandbox/exit.ts'
import { connectEngine, type EngineClient } from '../../orchestrator-service/sandbox/docker-client.ts'
import { startCell } from '../../orchestrator-service/sandbox/docker-driver.ts'
import { listByLabels } from '../../orchestrator-service/sandbox/engine-calls.ts'
import { LABEL } from '../../orchestrator-service/sandbox/container-spec.ts'
import { loadPolicies, type SandboxPolicy } from '../../orchestrator-service/sandbox/policy.ts'
import { attestingProgram } from './attesting-program.ts'
import { underTestRuntime } from './test-runtime.ts'
import { ensureTestImage, type TestImageOptions } from './test-image.ts'

/** A policy of the product with some values changed for a test. */
export function policyWith(changes: Partial<SandboxPolicy> = {}, name = 'default'): SandboxPolicy {
  const policy = loadPolicies().get(name)
  if (policy === undefined) throw new Error(`No policy ${name}`)
  return { ...underTestRuntime(policy), ...changes }
}

/** An instance of its own, so that tests see nothing of each other and nothing is left. */
export interface CellBench extends AsyncDisposable {
  readonly engine: EngineClient
  readonly instance: string
  start(options?: StartOptions): Promise<Cell & { readonly events: readonly CellEvent[] }>
  /** Starts an open cell, runs the program (which attests first) and waits for the end. */
  run(body: string, options?: StartOptions): Promise<CellExit>
  left(): Promise<string[]>
}

export interface StartOptions {
  readonly policy?: SandboxPolicy
  readonly image?: TestImageOptions
  readonly onEvent?: (event: CellEvent, cell: () => Cell) => void
  readonly engine?: EngineClient
}

export function openCellBench(): CellBench {
  const engine = connectEngine()
  const instance = randomBytes(6).toString('hex')
  const images = new Set<string>()
  const imageOf = async (options: TestImageOptions = {}) => {
    const { ref } = await ensureTestImage(engine.docker, options)
    if (options.files !== undefined) images.add(ref)
    return ref
  }
  const left = async () => (await listByLabels(engine, { [LABEL.instance]: instance })).map(({ Id }) => Id)
  const bench: CellBench = {
    engine,
    instance,
    left,
    async start(options = {}) {
      const events: CellEvent[] = []
      const image = await imageOf(options.image)
      const started: { cell?: Cell } = {}
      const cell = await startCell(
        { engine: options.engine ?? engine, instance },
        {
          policy: options.policy ?? policyWith(),
          image,
          onEvent: (event) => {
            events.push(event)
            options.onEvent?.(event, () => started.cell as Cell)
          },
        },
      )
      started.cell = cell
      return Object.assign(cell, { events })
    },
    async run(body, options) {
      const cell = await bench.start(options)
      await cell.send([Buffer.from(attestingProgram(body))])
      await cell.endInput()
      return cell.finished
    },
    async [Symbol.asyncDispose]() {
      for (const id of await left()) await engine.docker.getContainer(id).remove({ force: true })
      for (const ref of images)
        await engine.docker
          .getImage(ref)
          .remove({ force: true })
          .catch(() => {})
    },
  }
  return bench
}
