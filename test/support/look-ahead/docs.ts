import { CHANNELS } from './channels.ts'

const BEGIN =
  '<!-- channels: written by `node test/support/look-ahead/write-docs.ts`, checked by the look-ahead tests -->'
const END = '<!-- end of channels -->'

/** docs/look-ahead.md with its table replaced. */
export function withChannelTable(text: string): string {
  const begin = text.indexOf(BEGIN)
  const end = text.indexOf(END)
  if (begin === -1 || end < begin) throw new Error('docs/look-ahead.md has no place for the table of channels')
  const rows = CHANNELS.map(({ name, attempt, closedBy }) => `| \`${name}\` | ${attempt} | ${closedBy} |`)
  const table = [
    `${CHANNELS.length} channels:`,
    '',
    '| channel | what the strategy does | why it gets nothing |',
    '| --- | --- | --- |',
    ...rows,
  ]
  return `${text.slice(0, begin)}${BEGIN}\n\n${table.join('\n')}\n\n${text.slice(end)}`
}
