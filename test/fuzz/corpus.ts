import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { FuzzCase } from './fuzz-target.ts'
import type { FuzzFinding } from './run-cases.ts'
import { FUZZ_TARGETS, type FuzzTargetName } from './targets/all.ts'

/** Inputs that once failed, one JSON file each: `<target>-<what it shows>.json`. */
const FOLDER = new URL('../golden/fuzz/', import.meta.url)

interface StoredCase {
  readonly target: FuzzTargetName
  /** What it showed. */
  readonly found: string
  readonly settings: FuzzCase['settings']
  readonly base64: string
}

/** Keeps a finding as a case that every later test run repeats. Returns the path of the file. */
export function storeFinding(target: FuzzTargetName, { message, input }: FuzzFinding): string {
  const { settings, bytes } = input
  const stored: StoredCase = {
    target,
    found: message.slice(0, 500),
    settings,
    base64: Buffer.from(bytes).toString('base64'),
  }
  const name = `${target}-${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}.json`
  mkdirSync(FOLDER, { recursive: true })
  const path = new URL(name, FOLDER)
  writeFileSync(path, `${JSON.stringify(stored, null, 2)}\n`)
  return fileURLToPath(path)
}

export function readCorpus(): { name: string; target: FuzzTargetName; input: FuzzCase }[] {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.json'))
  return names.sort().map((name) => {
    const { target, settings, base64 } = JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as StoredCase
    if (!Object.hasOwn(FUZZ_TARGETS, target)) throw new Error(`${name} is of an unknown target`)
    return { name, target, input: { settings, bytes: new Uint8Array(Buffer.from(base64, 'base64')) } }
  })
}
