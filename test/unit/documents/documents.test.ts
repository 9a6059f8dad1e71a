import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, it } from 'vitest'
import { PROJECT_ROOT } from '../../../orchestrator-service/sandbox/image/project-root.ts'
import { ERROR_CODES } from '../../../src/errors.ts'
import { OUTCOME_REASONS } from '../../../src/protocol/outcome.ts'
import { withSettingsTable } from '../../support/config-docs.ts'

const read = (file: string): string => readFileSync(join(PROJECT_ROOT, 'docs', file), 'utf8')

/** First cells of the rows of all tables. */
function firstCells(text: string): string[] {
  return [...text.matchAll(/^\| `([^`]+)` \|[^|\n]+\|[^\n]*\|$/gm)].map(([, cell]) => cell!)
}

describe('docs/operations.md', () => {
  it('shows the settings as config.ts has them', ({ expect }) => {
    const text = read('operations.md')

    expect(withSettingsTable(text), 'run `node test/support/write-config-docs.ts`').toBe(text)
  })
})

describe('docs/troubleshooting.md', () => {
  it('explains every error code and every outcome, each once and no other', ({ expect }) => {
    const outcomes = Object.entries(OUTCOME_REASONS).flatMap(([kind, reasons]) =>
      reasons.length === 0 ? [kind] : reasons.map((reason) => `${kind}(${reason})`),
    )

    const explained = firstCells(read('troubleshooting.md'))

    expect([...explained].sort()).toEqual([...Object.keys(ERROR_CODES), ...outcomes].sort())
  })
})

/** Anchors as GitHub makes them from headings. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )
}

/** `src/ledger`, …: where a stranger looks first. */
const ROOMS = ['src', 'orchestrator-service'].flatMap((top) =>
  readdirSync(join(PROJECT_ROOT, top), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `${top}/${name}`),
)

describe('the documents', () => {
  it('are all to be found from the README', ({ expect }) => {
    const readme = readFileSync(join(PROJECT_ROOT, 'README.md'), 'utf8')

    const lost = globSync('docs/*', { cwd: PROJECT_ROOT }).filter((page) => !readme.includes(`(${page}`))

    expect(lost).toEqual([])
  })

  it('say of every folder what lives there', ({ expect }) => {
    const map = read('architecture.md')
    const folders = ROOMS.filter((room) => !map.includes(`\`${room}/\``) && !map.includes(`\`${basename(room)}/\``))

    expect(folders).toEqual([])
    expect(ROOMS.filter((room) => !existsSync(join(PROJECT_ROOT, room, 'README.md')))).toEqual([])
  })

  it('link only to files and headings that are there', ({ expect }) => {
    const files = ['README.md', 'CHANGELOG.md', ...globSync('docs/**/*.md', { cwd: PROJECT_ROOT })]
    const broken = files.flatMap((file) => {
      const text = readFileSync(join(PROJECT_ROOT, file), 'utf8')
      const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!)
      return links
        .filter((link) => !/^https?:/.test(link))
        .filter((link) => {
          const [path, anchor] = link.split('#') as [string, string | undefined]
          const target = path === '' ? join(PROJECT_ROOT, file) : join(PROJECT_ROOT, dirname(file), path)
          if (!existsSync(target)) return true
          return anchor !== undefined && !anchorsOf(readFileSync(target, 'utf8')).includes(anchor)
        })
        .map((link) => `${file}: ${link}`)
    })

    expect(broken).toEqual([])
  })
})
