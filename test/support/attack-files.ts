import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { PROJECT_ROOT } from '../../orchestrator-service/sandbox/image/project-root.ts'
import type { Attack } from './attack.ts'
import { underRunsc } from './runsc-outcomes.ts'
import { TEST_RUNTIME } from './test-runtime.ts'

const FOLDER = join(PROJECT_ROOT, 'test/attacks')

/** Every attack of the corpus, in order of its file, as it ends under the runtime of the tests. */
export async function loadAttacks(): Promise<Attack[]> {
  const files = readdirSync(FOLDER)
    .filter((file) => /^\d{2,3}-[a-z0-9-]+\.ts$/.test(file))
    .sort((a, b) => parseInt(a, 10) - parseInt(b, 10))
  return Promise.all(
    files.map(async (file) => {
      const { attack } = (await import(join(FOLDER, file))) as { attack: Attack }
      if (`${attack.name}.ts` !== file) throw new Error(`${file} calls its attack ${attack.name}`)
      return TEST_RUNTIME === 'runsc' ? underRunsc(attack) : attack
    }),
  )
}
