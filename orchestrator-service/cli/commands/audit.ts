import { createWriteStream, existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { finished } from 'node:stream/promises'
import { PlatformError } from '../../../src/errors.ts'
import { canonicalJson } from '../../../src/protocol/canonical-json.ts'
import { makeAnchor, readAnchor } from '../../audit/anchor.ts'
import { auditFile } from '../../audit/audit-lines.ts'
import type { AuditRecord } from '../../audit/audit-event.ts'
import { readRecords, type RecordFilter } from '../../audit/read-chain.ts'
import { type ChainReport, verifyChain } from '../../audit/verify-chain.ts'
import type { CommandContext } from '../context.ts'
import { visible } from '../visible.ts'

/** These commands read the file itself: no service, no lock, no engine, and nobody's word for what stands there. */
export interface ExportFlags {
  from?: string
  to?: string
  out?: string
}

export interface ShowFlags {
  job?: string
  type?: string
  from?: string
  to?: string
}

const EXIT_CHANGED = 5
const NEWLINE = Buffer.from('\n')

export async function auditVerify({ io, config }: CommandContext, flags: { anchor?: string }): Promise<number> {
  const path = auditFile(config.dataDir)
  const anchor = flags.anchor === undefined ? null : await readAnchor(flags.anchor)
  const report = await verifyChain(path, anchor)
  if (report === null) throw noLog(path)
  if (io.json) io.out(JSON.stringify(report))
  else io.out(describeReport(path, report))
  return report.ok ? 0 : EXIT_CHANGED
}

function describeReport(path: string, { records, bytes, head, problem, anchored }: ChainReport): string {
  if (problem === null) {
    const against = anchored === null ? '' : `, and it contains the anchor at sequence ${anchored}`
    return `Whole: ${records} records, ${bytes} bytes, head ${head.sequence} ${head.hash}${against}`
  }
  const { sequence, line, offset, byte } = problem
  const lines = [`CHANGED: ${path}`, `  sequence ${sequence}, line ${line}, from byte ${offset}: ${problem.problem}`]
  if (byte !== null)
    lines.push(`  one byte explains it: byte ${byte.offset} is ${hex(byte.found)}, and was ${hex(byte.expected)}`)
  lines.push(`  ${records} records before it are whole`)
  return lines.join('\n')
}

function hex(byte: number): string {
  const shown = byte > 32 && byte < 127 ? ` (${String.fromCharCode(byte)})` : ''
  return `0x${byte.toString(16).padStart(2, '0')}${shown}`
}

export async function auditAnchor({ io, config }: CommandContext, { out }: { out?: string }): Promise<number> {
  const path = auditFile(config.dataDir)
  const anchor = await makeAnchor(path)
  if (anchor === null) throw noLog(path)
  const text = JSON.stringify(anchor)
  if (out === undefined) {
    io.out(text)
    return 0
  }
  await writeFile(out, `${text}\n`).catch((error: unknown) => {
    throw cannotWrite(out, error)
  })
  if (io.json) io.out(text)
  else io.err(`Anchor of sequence ${anchor.sequence} written to ${out}`)
  return 0
}

export async function auditExport({ io, config }: CommandContext, flags: ExportFlags): Promise<number> {
  const records = readRecords(existing(config.dataDir), rangeOf(flags))
  if (io.json) {
    const all: AuditRecord[] = []
    for await (const { record } of records) all.push(record)
    io.out(JSON.stringify({ records: all }))
    return 0
  }
  if (flags.out === undefined) {
    for await (const { bytes } of records) io.out(Buffer.from(bytes).toString('utf8'))
    return 0
  }
  const { out } = flags
  let count = 0
  const stream = createWriteStream(out, { mode: 0o600 })
  const ended = finished(stream).catch((error: unknown) => {
    throw cannotWrite(out, error)
  })
  // Told when it is awaited
  ended.catch(() => {})
  for await (const { bytes } of records) {
    count += 1
    if (!stream.write(Buffer.concat([bytes, NEWLINE])))
      await Promise.race([new Promise((resolve) => stream.once('drain', resolve)), ended])
  }
  stream.end()
  await ended
  io.err(`${count} records written to ${out}`)
  return 0
}

export async function auditShow({ io, config }: CommandContext, flags: ShowFlags): Promise<number> {
  const { job, type } = flags
  const filter = { ...rangeOf(flags), ...(job === undefined ? {} : { job }), ...(type === undefined ? {} : { type }) }
  const shown: AuditRecord[] = []
  for await (const { record } of readRecords(existing(config.dataDir), filter)) {
    if (io.json) shown.push(record)
    else io.out(lineOf(record))
  }
  if (io.json) io.out(JSON.stringify({ records: shown }))
  return 0
}

function lineOf({ sequence, at, event }: AuditRecord): string {
  const { type, ...fields } = event
  const words = Object.entries(fields).map(([name, value]) => {
    const text = typeof value === 'string' ? value : canonicalJson(value)
    return `${visible(name)}=${visible(text)}`
  })
  return [String(sequence).padStart(6), visible(at), visible(type), ...words].join('  ')
}

function rangeOf({ from, to }: { from?: string; to?: string }): RecordFilter {
  const read = (name: string, text: string | undefined): Record<string, number> => {
    if (text === undefined) return {}
    if (/^[1-9]\d{0,14}$/.test(text)) return { [name]: Number(text) }
    throw new PlatformError('usage', `Cannot read --${name} "${text}": expected the sequence of a record, from 1`)
  }
  return { ...read('from', from), ...read('to', to) }
}

function existing(dataDir: string): string {
  const path = auditFile(dataDir)
  if (!existsSync(path)) throw noLog(path)
  return path
}

function noLog(path: string): PlatformError {
  return new PlatformError('usage', `Cannot read the audit log "${path}": there is none`, {
    hint: 'HOTCELL_DATA_DIR names the data directory; the log begins with the first service or run',
  })
}

function cannotWrite(path: string, error: unknown): PlatformError {
  return new PlatformError('usage', `Cannot write "${path}": ${(error as Error).message}`, { cause: error })
}
