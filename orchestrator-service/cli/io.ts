/** Where a command writes: results on stdout, everything else on stderr. With `json`, stdout gets exactly one document. */
export interface CliIo {
  readonly json: boolean
  out(text: string): void
  err(text: string): void
}

/** The real streams. A closed pipe (`hotcell … | head`) ends the program quietly. */
export function createIo(json: boolean): CliIo {
  const quietly = (error: NodeJS.ErrnoException): void => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  }
  process.stdout.on('error', quietly)
  process.stderr.on('error', quietly)
  return {
    json,
    out: (text) => void process.stdout.write(text.endsWith('\n') ? text : `${text}\n`),
    err: (text) => void process.stderr.write(text.endsWith('\n') ? text : `${text}\n`),
  }
}
