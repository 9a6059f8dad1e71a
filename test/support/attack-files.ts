import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { PROJECT_ROOT } from '../../orchestrator-service/sandbox/image/project-root.ts'
import type { Attack } from './attack.ts'

const FOLDER = join(PROJECT_ROOT, 'test/attacks')

/** Every attack of the corpus, in order of its file. */
export async function loadAttacks(): Promise<Attack[]> {
  const files = readdirSync(FOLDER)
    .filter((file) => /^\d{2,3}-[a-z0-9-]+\.ts$/.test(file))
    .sort((a, b) => parseInt(a, 10) - parseInt(b, 10))
  return Promise.all(
    files.map(async (file) => {
      const { attack } = (await import(join(FOLDER, file))) as { attack: Attack }
      if (`${attack.name}.ts` !== file) throw new Error(`${file} calls its attack ${attack.name}`)
      return attack
    }),
  )
}
