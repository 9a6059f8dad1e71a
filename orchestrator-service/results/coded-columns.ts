/** Words of a column: each once, in the order of their first row, and which of them stands in each row. */
export interface CodedWords {
  readonly words: readonly string[]
  readonly codes: Int32Array
}

/** Columns of a table that can go from thread to thread for nothing. */
export type CodedColumns = Readonly<Record<string, Float64Array | CodedWords>>

/** Columns out of objects, one reader a column. */
export function codedColumns<T>(
  rows: readonly T[],
  numbers: Readonly<Record<string, (row: T) => number>>,
  words: Readonly<Record<string, (row: T) => string>>,
): CodedColumns {
  const columns: Record<string, Float64Array | CodedWords> = {}
  for (const [name, read] of Object.entries(numbers)) columns[name] = Float64Array.from(rows, read)
  for (const [name, read] of Object.entries(words)) columns[name] = codeWords(rows, read)
  return columns
}

function codeWords<T>(rows: readonly T[], read: (row: T) => string): CodedWords {
  const known = new Map<string, number>()
  const codes = Int32Array.from(rows, (row) => {
    const word = read(row)
    const code = known.get(word) ?? known.size
    if (code === known.size) known.set(word, code)
    return code
  })
  return { words: [...known.keys()], codes }
}
