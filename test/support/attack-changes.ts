import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PROJECT_ROOT } from '../../orchestrator-service/sandbox/image/project-root.ts'
import type { Changes } from './attack.ts'

/** Said by a process of the service whose changed sources were loaded before they were changed, or never. */
export const NOT_ABLATED = 'These sources were not changed'

/** Project-relative source -> its changed text. */
export function changedSources(changes: Changes): Record<string, string> {
  const sources: Record<string, string> = {}
  for (const [file, change] of Object.entries(changes)) {
    const text = readFileSync(join(PROJECT_ROOT, file), 'utf8')
    const changed = change(text)
    if (changed === text) throw new Error(`${file} is not changed any more by what was to change it`)
    sources[file] = changed
  }
  return sources
}

/** A change of one place; the text must stand there exactly once. */
export function replaceOnce(from: string, to: string): (text: string) => string {
  return (text) => {
    if (text.split(from).length !== 2)
      throw new Error(`Cannot change a source: ${JSON.stringify(from)} is not there once`)
    return text.replace(from, () => to)
  }
}

/** The linker of the cell, letting every import through to the realm. */
export function uncheckedImports(text: string): string {
  const open = replaceOnce(
    "if (specifier === 'hotcell') return specifier",
    "if (!specifier.startsWith('./')) return specifier",
  )
  return replaceOnce("const exported = target === 'hotcell'", 'const exported = !all.parsed.has(target)')(open(text))
}
