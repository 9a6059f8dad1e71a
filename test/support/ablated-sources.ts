/**
 * Preloaded (`node --import`) into a process of the service that an attack is to meet without its first layer:
 * HOTCELL_TEST_ATTACK names the attack, whose changes of host sources are applied while they are loaded.
 */
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { PROJECT_ROOT } from '../../orchestrator-service/sandbox/image/project-root.ts'
import type { Attack } from './attack.ts'
import { changedSources, NOT_ABLATED } from './attack-changes.ts'

const name = process.env['HOTCELL_TEST_ATTACK'] ?? ''
const { attack } = (await import(join(PROJECT_ROOT, 'test/attacks', `${name}.ts`))) as { attack: Attack }
const sources = new Map(
  Object.entries(changedSources(attack.ablated?.host ?? {})).map(([file, text]) => [
    pathToFileURL(join(PROJECT_ROOT, file)).href,
    text,
  ]),
)

const missing = new Set(sources.keys())

registerHooks({
  load(url, context, nextLoad) {
    const source = sources.get(url)
    if (source === undefined) return nextLoad(url, context)
    missing.delete(url)
    return { format: 'module-typescript', source, shortCircuit: true }
  },
})

process.on('exit', () => {
  if (missing.size === 0) return
  process.stderr.write(`${NOT_ABLATED}: ${[...missing].join(', ')}\n`)
  process.exitCode = 1
})
