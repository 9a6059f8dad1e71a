export const DELIMITERS = [',', ';', '\t'] as const
export type Delimiter = (typeof DELIMITERS)[number]

/** Fields of one line; null when a quote is left open or stands inside a field. A field may hold delimiters in quotes, but no line end. */
export function splitFields(line: string, delimiter: Delimiter): string[] | null {
  if (!line.includes('"')) return line.split(delimiter)
  const fields: string[] = []
  let at = 0
  while (at <= line.length) {
    if (line[at] !== '"') {
      const end = line.indexOf(delimiter, at)
      const field = line.slice(at, end < 0 ? line.length : end)
      if (field.includes('"')) return null
      fields.push(field)
      at = end < 0 ? line.length + 1 : end + 1
      continue
    }
    let field = ''
    let from = at + 1
    for (;;) {
      const quote = line.indexOf('"', from)
      if (quote < 0) return null
      field += line.slice(from, quote)
      from = quote + 1
      if (line[from] !== '"') break
      field += '"'
      from++
    }
    if (from < line.length && line[from] !== delimiter) return null
    fields.push(field)
    at = from + 1
  }
  return fields
}

/** The delimiter that cuts the first line into the most fields; null when none cuts it into five or more (a series may have no volume). */
export function detectDelimiter(line: string): Delimiter | null {
  let best: Delimiter | null = null
  let most = 4
  for (const delimiter of DELIMITERS) {
    const count = splitFields(line, delimiter)?.length ?? 0
    if (count > most) {
      best = delimiter
      most = count
    }
  }
  return best
}
