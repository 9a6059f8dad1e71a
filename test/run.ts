import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import {
  type Remarks,
  type Totals,
  addTotals,
  readVitestRemarks,
  readVitestTotals,
  staticTotals,
} from './support/test-totals.ts'

/*
 * `npm test`: the static checks, then every level of tests, each to its end although an earlier one failed. Each check
 * counts as one test. Behind them what failed and what was left out is named again, because thousands of lines may lie
 * between; the last line is "N passed, N failed"; the exit code is 0 only when nothing failed.
 *
 *   run.ts [LEVEL...]   only these levels, no static checks
 */
const ROOT = resolve(import.meta.dirname, '..')
const LEVELS = ['unit', 'golden', 'integration', 'attacks'] as const
const SOURCES = ['src', 'runner-image', 'orchestrator-service', 'test']
const CHECKS: readonly (readonly [name: string, command: string, ...args: string[]])[] = [
  ['format', 'oxfmt', '--check', ...SOURCES, 'examples', 'setup.mjs'],
  ['lint', 'oxlint', '--type-aware', '--deny-warnings', ...SOURCES, 'setup.mjs'],
  ['types', 'tsc', '-p', '.'],
  ['unused code', 'knip'],
]

async function main(chosen: readonly string[]): Promise<number> {
  let totals: Totals = { passed: 0, failed: 0, skipped: 0 }
  const failed: string[] = []
  const leftOut: string[] = []
  const started = performance.now()
  if (chosen.length === 0) {
    for (const [name, command, ...args] of CHECKS) {
      console.log(`== ${name}`)
      const check = staticTotals(await run(command, args))
      totals = addTotals(totals, check)
      if (check.failed > 0) failed.push(`the check: ${name}`)
    }
  }
  for (const level of LEVELS.filter((name) => chosen.length === 0 || chosen.includes(name))) {
    console.log(`== ${level} tests`)
    const [levelTotals, remarks] = await runLevel(level)
    totals = addTotals(totals, levelTotals)
    failed.push(...remarks.failed)
    leftOut.push(...remarks.leftOut)
  }
  for (const line of failed) console.log(`\nFAILED ${line}`)
  for (const line of leftOut) console.log(`\nLEFT OUT ${line}`)
  const seconds = ((performance.now() - started) / 1000).toFixed(0)
  console.log(`\n${seconds} s${totals.skipped === 0 ? '' : `, ${totals.skipped} left out: each says why above`}`)
  console.log(`${totals.passed} passed, ${totals.failed} failed`)
  return totals.failed === 0 ? 0 : 1
}

async function runLevel(level: string): Promise<[Totals, Remarks]> {
  const folder = mkdtempSync(join(tmpdir(), 'hotcell-test-'))
  const report = join(folder, 'report.json')
  try {
    const code = await run('vitest', [
      'run',
      '--project',
      level,
      '--passWithNoTests',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ])
    const text = readReport(report)
    return [readVitestTotals(text, code), readVitestRemarks(text)]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function readReport(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // vitest died before it could write one: that is a failure, counted as such.
    return null
  }
}

/** Exit code of a tool of node_modules/.bin; its words go where ours go. */
async function run(command: string, args: readonly string[]): Promise<number> {
  const bin = join(ROOT, 'node_modules/.bin')
  // Few malloc arenas: freed memory that lies in the arenas of threads long gone would count as the host's growth
  const env = { MALLOC_ARENA_MAX: '2', ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}` }
  const tool = spawn(join(bin, command), args, { cwd: ROOT, stdio: 'inherit', env })
  return new Promise((done, fail) => {
    tool.once('error', fail)
    tool.once('exit', (code) => {
      done(code ?? 1)
    })
  })
}

process.exitCode = await main(process.argv.slice(2))
