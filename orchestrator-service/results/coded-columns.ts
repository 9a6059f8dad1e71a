/** Words of a column: each once, in the order of their first row, and which of them stands in each row. */
export interface CodedWords {
  readonly words: readonly string[]
  readonly codes: Int32Array
}

/** Columns of a table that can go from thread to thread for nothing. */
export type CodedColumns = Readonly<Record<string, Float64Array | CodedWords>>

/** Columns out of objects, one reader a column. Each object is looked at once: together they may nearly fill the memory. */
export function codedColumns<T>(
  rows: readonly T[],
  numbers: Readonly<Record<string, (row: T) => number>>,
  words: Readonly<Record<string, (row: T) => string>>,
): CodedColumns {
  const floats = Object.entries(numbers).map(([name, read]) => ({ name, read, column: new Float64Array(rows.length) }))
  const texts = Object.entries(words).map(([name, read]) => ({ name, read, coder: createCoder(rows.length) }))
  for (const [i, row] of rows.entries()) {
    for (const { read, column } of floats) column[i] = read(row)
    for (const { read, coder } of texts) coder.put(i, read(row))
  }
  return Object.fromEntries([
    ...floats.map(({ name, column }) => [name, column] as const),
    ...texts.map(({ name, coder }) => [name, coder.end()] as const),
  ])
}

function createCoder(rows: number): { put(row: number, word: string): void; end(): CodedWords } {
  const known = new Map<string, number>()
  const codes = new Int32Array(rows)
  return {
    put(row, word) {
      const code = known.get(word) ?? known.size
      if (code === known.size) known.set(word, code)
      codes[row] = code
    },
    end: () => ({ words: [...known.keys()], codes }),
  }
}
