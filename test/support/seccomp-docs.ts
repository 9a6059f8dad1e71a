import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PROJECT_ROOT } from '../../orchestrator-service/sandbox/image/project-root.ts'
import { rulesOn, type SeccompProfile } from '../../orchestrator-service/sandbox/seccomp-profile.ts'
import { ruleKeys, type SeenRule, type TraceRecord } from '../trace/seen.ts'
import { SMOKE_SET } from './smoke-items.ts'

/** The part of docs/seccomp.md that follows from the profile and the stored record, between these two lines. */
const BEGIN = '<!-- rules: written by `node test/support/write-seccomp-docs.ts`, checked by seccomp-record.test.ts -->'
const END = '<!-- end of rules -->'
const RECORD = join(PROJECT_ROOT, 'test/trace/seccomp-x64.json')

export function readTraceRecord(): TraceRecord {
  return JSON.parse(readFileSync(RECORD, 'utf8')) as TraceRecord
}

function countRuns(seen: SeenRule | undefined, record: TraceRecord): string {
  return seen === undefined ? '0' : `${seen.runs} of ${record.runs}`
}

function listItems({ items }: SeenRule, record: TraceRecord): string {
  return items.length === record.items.length ? 'all' : items.join(', ')
}

/** One row a rule, in the order of the profile; a rule that names several calls has the least of their counts. */
function renderRules(profile: SeccompProfile, record: TraceRecord): string[] {
  return rulesOn(profile, 'x64')
    .filter(({ action }) => action === 'SCMP_ACT_ALLOW')
    .flatMap((rule) =>
      ruleKeys(rule).map((key) => {
        // Refused then, and allowed since because of it
        const seen = record.seen[key] ?? record.refused[key]
        const [items, by] = seen === undefined ? ['', ''] : [listItems(seen, record), seen.by.join(', ')]
        return `| \`${key}\` | ${countRuns(seen, record)} | ${items} | ${by} | ${rule.comment} |`
      }),
    )
}

/** Calls that the list as it is refuses. */
export function refusedCalls(profile: SeccompProfile, record: TraceRecord): [name: string, SeenRule][] {
  const allowed = new Set(
    rulesOn(profile, 'x64').flatMap((rule) => (rule.errnoRet === undefined ? ruleKeys(rule) : [])),
  )
  return Object.entries(record.refused).filter(([name]) => !allowed.has(name))
}

function renderRefused(profile: SeccompProfile, record: TraceRecord): string[] {
  return refusedCalls(profile, record).map(
    ([name, seen]) =>
      `| \`${name}\` | ${countRuns(seen, record)} | ${listItems(seen, record)} | ${seen.by.join(', ')} |`,
  )
}

function render(profile: SeccompProfile, record: TraceRecord): string {
  const { made } = record
  return [
    `${record.passed} of ${record.runs} runs of the set passed on ${made.date}: Node ${made.node}, ${made.runc}, kernel ${made.kernel}, ${made.engine}.`,
    '',
    '| item | what the cell does |',
    '| --- | --- |',
    ...SMOKE_SET.map(({ name, what }) => `| ${name} | ${what} |`),
    '',
    'What the filter let through (`1=3`: only with this value of argument 1, counted from 0):',
    '',
    '| call | runs | items | threads | who needs it |',
    '| --- | --- | --- | --- | --- |',
    ...renderRules(profile, record),
    '',
    'What it refused, without harm:',
    '',
    '| call | runs | items | threads |',
    '| --- | --- | --- | --- |',
    ...renderRefused(profile, record),
  ].join('\n')
}

/** The document with its generated part replaced. */
export function withSeccompTables(text: string, profile: SeccompProfile, record: TraceRecord): string {
  const begin = text.indexOf(BEGIN)
  const end = text.indexOf(END)
  if (begin === -1 || end < begin) throw new Error('docs/seccomp.md has no place for the rules')
  return `${text.slice(0, begin)}${BEGIN}\n\n${render(profile, record)}\n\n${text.slice(end)}`
}
