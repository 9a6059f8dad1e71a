/** A table of plain text: columns padded to their widest cell; a column of numbers only is set to the right. */
export function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, i) => rows.reduce((width, row) => Math.max(width, row[i]?.length ?? 0), name.length))
  const numeric = head.map((_, i) => rows.length > 0 && rows.every((row) => /^-?[\d,.]*%?$/.test(row[i] ?? '')))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (numeric[i] === true ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd()
  return [line(head), ...rows.map(line)].join('\n')
}
