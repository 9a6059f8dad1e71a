import { readFile, stat } from 'node:fs/promises'
import { createReadStream } from 'node:fs'
import type { Result } from '../../../src/protocol/result.ts'
import { PlatformError } from '../../../src/errors.ts'
import { type Columns, decodeTable, encodeTable } from '../../results/arrow-table.ts'
import type { ApiContext } from '../context.ts'
import {
  ambiguityColumns,
  fundingColumns,
  isStored,
  type PartSpec,
  RUN_PARTS,
  type RunPart,
  type StoredPart,
} from './run-parts.ts'
import type { TableRows } from './table.ts'

/** Larger files than this are downloaded as Arrow only, which needs no memory here. */
const MAX_DECODED_BYTES = 512 * 1024 * 1024

/** A part of a run as rows. @throws PlatformError no_figures */
export async function readPart(app: ApiContext, result: Result, part: RunPart): Promise<TableRows> {
  checkFigures(result, part)
  if (!isStored(part)) return ofColumns(madeColumns(result, part))
  const file = storedPath(app, result.id, part)
  const { size } = await stat(file)
  if (size > MAX_DECODED_BYTES) {
    throw new PlatformError(
      'invalid_request',
      `Cannot convert ${part} of "${result.id}": the table has ${size} bytes`,
      {
        errors: [{ pointer: '/query/format', message: 'must be arrow for a table of this size' }],
      },
    )
  }
  const table = decodeTable(await readFile(file))
  const spec: PartSpec = RUN_PARTS[part]
  const columns: Record<string, Float64Array | readonly string[]> = {}
  for (const [name, { kind, mayLack }] of Object.entries(spec.columns)) {
    if (mayLack && !table.has(name)) columns[name] = Array<string>(table.rows).fill('')
    else columns[name] = kind === 'number' ? table.number(name) : table.word(name)
  }
  return { rows: table.rows, columns }
}

/** A part of a run as an Arrow IPC file: as it is stored, where it is. @throws PlatformError no_figures */
export function arrowOfPart(app: ApiContext, result: Result, part: RunPart): AsyncIterable<Uint8Array> | Uint8Array[] {
  checkFigures(result, part)
  if (!isStored(part)) return [encodeTable(madeColumns(result, part))]
  return createReadStream(storedPath(app, result.id, part)) as AsyncIterable<Uint8Array>
}

function storedPath(app: ApiContext, id: string, part: StoredPart): string {
  return app.runs.pathOf(id, `${part}.arrow`)
}

function madeColumns(result: Result, part: Exclude<RunPart, StoredPart>): Columns {
  return part === 'funding' ? fundingColumns(result.funding) : ambiguityColumns(result.ambiguity?.bars ?? [])
}

function ofColumns(columns: Columns): TableRows {
  return { rows: Object.values(columns)[0]?.length ?? 0, columns }
}

function checkFigures(result: Result, part: RunPart): void {
  if (result.outcome.kind === 'ok' && result.fills !== null) return
  throw new PlatformError(
    'no_figures',
    `Cannot show ${part} of "${result.id}": the run ended with ${result.outcome.kind}, expected a completed run`,
    { hint: `See /v1/backtests/${result.id}/result` },
  )
}
