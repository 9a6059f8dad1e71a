import type { Attack } from './attack.ts'

/** The part of docs/security.md that follows from the attack files, between these two lines. */
export const TABLE_BEGIN =
  '<!-- attacks: written by `node test/support/write-attack-docs.ts`, checked by the attack tests -->'
export const TABLE_END = '<!-- end of attacks -->'

const WHERE = { realm: 'strategy', open: 'broken realm', runner: 'changed runner' } as const

export function outcomeCode({ kind, reason }: Attack['expect']): string {
  return reason === null ? kind : `${kind}(${reason})`
}

/** One row an attack, in order of their files. */
export function renderAttackTable(attacks: readonly Attack[]): string {
  const rows = attacks.map(({ name, where, technique, expect, stoppedBy, behind }) =>
    [`[${name}](../test/attacks/${name}.ts)`, WHERE[where], technique, `\`${outcomeCode(expect)}\``, stoppedBy, behind]
      .map((cell) => cell.replaceAll('|', '\\|'))
      .join(' | '),
  )
  return [
    'attack | from | what it does | outcome | stopped by | behind it',
    '--- | --- | --- | --- | --- | ---',
    ...rows,
  ]
    .map((row) => `| ${row} |`)
    .join('\n')
}

/** The document with its table replaced. */
export function withAttackTable(text: string, attacks: readonly Attack[]): string {
  const begin = text.indexOf(TABLE_BEGIN)
  const end = text.indexOf(TABLE_END)
  if (begin === -1 || end < begin) throw new Error('docs/security.md has no place for the table of attacks')
  return `${text.slice(0, begin)}${TABLE_BEGIN}\n\n${renderAttackTable(attacks)}\n\n${text.slice(end)}`
}
