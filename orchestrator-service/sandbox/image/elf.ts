import { closeSync, openSync, readSync } from 'node:fs'

/** What the loader needs to know of an ELF file: its interpreter and the names of the shared objects it asks for. */
export interface ElfFacts {
  readonly machine: 'x64' | 'arm64'
  readonly interpreter: string | null
  readonly needed: readonly string[]
}

interface Segment {
  readonly type: number
  readonly offset: number
  readonly address: number
  readonly fileBytes: number
}

const PT_LOAD = 1
const PT_DYNAMIC = 2
const PT_INTERP = 3
const DT_NEEDED = 1
const DT_STRTAB = 5
const DT_STRSZ = 10
const MACHINES: Readonly<Record<number, ElfFacts['machine']>> = { 62: 'x64', 183: 'arm64' }
/** The Node binary has tables far below this; a larger one is not a file that we know. */
const MAX_TABLE_BYTES = 16 * 1024 * 1024

/**
 * Reads the dynamic section of a 64-bit little-endian ELF file. Only the tables are read, so that the size of the file
 * does not matter, and nothing of it is executed (`ldd` would run the interpreter that the file names).
 */
export function readElf(file: string): ElfFacts {
  const fd = openSync(file, 'r')
  try {
    return readFacts((offset, bytes) => readExactly(fd, file, { offset, bytes }), file)
  } finally {
    closeSync(fd)
  }
}

function readFacts(read: (offset: number, bytes: number) => DataView, file: string): ElfFacts {
  const header = read(0, 64)
  const is64BitLittleEndian = header.getUint32(0) === 0x7f454c46 && header.getUint8(4) === 2 && header.getUint8(5) === 1
  const machine = MACHINES[header.getUint16(18, true)]
  if (!is64BitLittleEndian || machine === undefined) {
    throw new Error(`Cannot read "${file}": not a 64-bit little-endian ELF file for x64 or arm64`)
  }

  const segments = readSegments(read, header)
  const interpreter = segments.find((segment) => segment.type === PT_INTERP)
  const dynamic = segments.find((segment) => segment.type === PT_DYNAMIC)
  return {
    machine,
    interpreter: interpreter ? stringAt(read(interpreter.offset, interpreter.fileBytes), 0) : null,
    needed: dynamic ? readNeeded(read, { dynamic, segments, file }) : [],
  }
}

function readSegments(read: (offset: number, bytes: number) => DataView, header: DataView): Segment[] {
  const entryBytes = header.getUint16(54, true)
  const count = header.getUint16(56, true)
  const table = read(Number(header.getBigUint64(32, true)), entryBytes * count)
  return Array.from({ length: count }, (_, index) => {
    const at = index * entryBytes
    return {
      type: table.getUint32(at, true),
      offset: Number(table.getBigUint64(at + 8, true)),
      address: Number(table.getBigUint64(at + 16, true)),
      fileBytes: Number(table.getBigUint64(at + 32, true)),
    }
  })
}

function readNeeded(
  read: (offset: number, bytes: number) => DataView,
  input: { dynamic: Segment; segments: readonly Segment[]; file: string },
): string[] {
  const table = read(input.dynamic.offset, input.dynamic.fileBytes)
  const names: number[] = []
  let stringsAddress = 0
  let stringsBytes = 0
  for (let at = 0; at + 16 <= table.byteLength; at += 16) {
    const tag = Number(table.getBigUint64(at, true))
    const value = Number(table.getBigUint64(at + 8, true))
    if (tag === DT_NEEDED) names.push(value)
    if (tag === DT_STRTAB) stringsAddress = value
    if (tag === DT_STRSZ) stringsBytes = value
  }

  // The string table is given by its address in memory; the loaded segment that holds it says where it is in the file.
  const holder = input.segments.find(
    (segment) =>
      segment.type === PT_LOAD &&
      stringsAddress >= segment.address &&
      stringsAddress < segment.address + segment.fileBytes,
  )
  if (!holder) throw new Error(`Cannot read "${input.file}": its string table is in no loaded segment`)
  const strings = read(holder.offset + stringsAddress - holder.address, stringsBytes)
  return names.map((name) => stringAt(strings, name))
}

function stringAt(view: DataView, start: number): string {
  let end = start
  while (end < view.byteLength && view.getUint8(end) !== 0) end += 1
  return Buffer.from(view.buffer, view.byteOffset + start, end - start).toString('latin1')
}

function readExactly(fd: number, file: string, range: { offset: number; bytes: number }): DataView {
  if (range.bytes > MAX_TABLE_BYTES) throw new Error(`Cannot read "${file}": a table of ${range.bytes} bytes`)
  const bytes = new Uint8Array(range.bytes)
  let done = 0
  while (done < range.bytes) {
    const count = readSync(fd, bytes, done, range.bytes - done, range.offset + done)
    if (count === 0) throw new Error(`Cannot read "${file}": it ends at ${range.offset + done}`)
    done += count
  }
  return new DataView(bytes.buffer)
}
