import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createStores, type Stores } from '../../../orchestrator-service/deps.ts'
import { type BacktestDeps, runBacktest, type RunEnd } from '../../../orchestrator-service/jobs/run-backtest.ts'
import { createVerifier } from '../../../orchestrator-service/results/verify/verifier.ts'
import { provideVerifyProgram } from '../../../orchestrator-service/results/verify/verify-program.ts'
import { loadPolicies, type SandboxPolicy } from '../../../orchestrator-service/sandbox/policy.ts'
import { parseConfig } from '../../../src/protocol/parse-config.ts'
import type { Changes } from '../attack.ts'
import { changedSources } from '../attack-changes.ts'
import { writeRunnerProgram } from '../runner-program.ts'
import { startProcessCell } from './process-cell.ts'

/** Runs with a proof: the host's pipeline and the program of the cell, in processes in place of containers. */
export interface ProofBench extends Disposable {
  readonly stores: Stores
  prove(raw: object): Promise<RunEnd>
  /** A run that asks for no proof, under the policy default with changes. */
  run(raw: object, policy: Partial<SandboxPolicy>): Promise<RunEnd>
}

/** `changes`: of the program of the cell. */
export async function openProofBench(changes: Changes = {}): Promise<ProofBench> {
  const dataDir = mkdtempSync(join(tmpdir(), 'hotcell-proof-'))
  // Inside the project, so that isolated-vm is found as a package
  const directory = mkdtempSync(join(import.meta.dirname, '../../../node_modules/.cache-proof-'))
  const main = await writeRunnerProgram(directory, changedSources(changes))
  const stores = createStores({ dataDir })
  const deps: BacktestDeps = {
    ...stores,
    policies: loadPolicies(),
    verifier: createVerifier(await provideVerifyProgram()),
    image: () => Promise.resolve({ ref: 'none', id: 'none', digest: 'none' }),
    startCell: (_policy, _image, listeners) => Promise.resolve(startProcessCell(main, listeners)),
  }
  return {
    stores,
    async prove(raw) {
      const parsed = parseConfig({ ...raw, options: { proof: true } })
      return await runBacktest(deps, { job: 'proof', mode: 'run', ...parsed })
    },
    async run(raw, changes) {
      const policies = new Map([['default', { ...deps.policies.get('default')!, ...changes }]])
      return await runBacktest({ ...deps, policies }, { job: 'run', mode: 'run', ...parseConfig(raw) })
    },
    [Symbol.dispose]() {
      rmSync(dataDir, { recursive: true, force: true })
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
