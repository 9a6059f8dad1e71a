import { SETTINGS } from '../../orchestrator-service/config.ts'

/** The part of docs/operations.md that follows from the settings, between these two lines. */
const TABLE_BEGIN =
  '<!-- settings: written by `node test/support/write-config-docs.ts`, checked by test/unit/documents/documents.test.ts -->'
const TABLE_END = '<!-- end of settings -->'

function renderSettings(): string {
  const rows = SETTINGS.map(({ name, fallback, description }) =>
    [`\`${name}\``, fallback === '' ? 'none' : `\`${fallback}\``, description]
      .map((cell) => cell.replaceAll('|', '\\|'))
      .join(' | '),
  )
  return ['variable | default | what it is', '--- | --- | ---', ...rows].map((row) => `| ${row} |`).join('\n')
}

/** The document with its table replaced. */
export function withSettingsTable(text: string): string {
  const begin = text.indexOf(TABLE_BEGIN)
  const end = text.indexOf(TABLE_END)
  if (begin === -1 || end < begin) throw new Error('docs/operations.md has no place for the table of settings')
  return `${text.slice(0, begin)}${TABLE_BEGIN}\n\n${renderSettings()}\n\n${text.slice(end)}`
}
