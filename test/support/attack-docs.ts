import { type Attack, FAMILIES } from './attack.ts'

/** The part of docs/security.md that follows from the attack files, between these two lines. */
export const TABLE_BEGIN =
  '<!-- attacks: written by `node test/support/write-attack-docs.ts`, checked by the attack tests -->'
export const TABLE_END = '<!-- end of attacks -->'

const WHERE = { realm: 'strategy', open: 'broken realm', runner: 'changed runner', client: 'client' } as const

export function outcomeCode({ kind, reason }: Attack['expect']): string {
  return reason === null ? kind : `${kind}(${reason})`
}

/** What happens without the first layer, as header and table say it. */
export function describeAblation({ ablated, singleLayer }: Attack): string {
  if (ablated === undefined) return `Single layer: ${singleLayer ?? ''}.`
  return `Without ${ablated.off}: ${outcomeCode(ablated.expect)}.`
}

function renderRow(attack: Attack): string {
  const { name, where, technique, expect, stoppedBy, behind, ablated, singleLayer } = attack
  const without =
    ablated === undefined ? `single layer: ${singleLayer}` : `${ablated.off}: \`${outcomeCode(ablated.expect)}\``
  const cells = [
    `[${name}](../test/attacks/${name}.ts)`,
    WHERE[where],
    technique,
    `\`${outcomeCode(expect)}\``,
    stoppedBy,
    behind,
    without,
  ]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

/** One table a family, one row an attack, in order of their files. */
export function renderAttackTable(attacks: readonly Attack[]): string {
  const single = attacks.filter(({ ablated }) => ablated === undefined).length
  const parts = FAMILIES.map((family) => {
    const rows = attacks.filter((attack) => attack.family === family)
    return [
      `### ${family[0]!.toUpperCase()}${family.slice(1)} (${rows.length})`,
      '',
      '| attack | from | what it does | outcome | stopped by | behind it | without the first layer |',
      '| --- | --- | --- | --- | --- | --- | --- |',
      ...rows.map(renderRow),
    ].join('\n')
  })
  const sum = `${attacks.length} attacks; ${attacks.length - single} run once more without their first layer, ${single} have a single layer and say why.`
  return [sum, ...parts].join('\n\n')
}

/** The document with its tables replaced. */
export function withAttackTable(text: string, attacks: readonly Attack[]): string {
  const begin = text.indexOf(TABLE_BEGIN)
  const end = text.indexOf(TABLE_END)
  if (begin === -1 || end < begin) throw new Error('docs/security.md has no place for the table of attacks')
  return `${text.slice(0, begin)}${TABLE_BEGIN}\n\n${renderAttackTable(attacks)}\n\n${text.slice(end)}`
}
