/**
 * The program of a cell whose realm is broken: it attests as the runner does, reads the header frame and runs the
 * submitted main.ts as plain Node with every right that the container's user has. What the attacks use is one global,
 * `attack`: the header, `emit(event)`, `report(object)`, `writeAll(fd, bytes)`, raw system calls and a forger of results.
 */
import { readSync, writeSync } from 'node:fs'
import { FRAME_HEADER_BYTES, paddingOf } from '../../src/protocol/frames.ts'
import type { RunHeader } from '../../src/protocol/header.ts'
import { attestingProgram } from './attesting-program.ts'
import { forgeResult, readSeries } from './attack-forge.ts'
import { loadSystemCalls } from './attack-syscalls.ts'

function readExactly(length: number): Buffer {
  const bytes = Buffer.alloc(length)
  for (let at = 0; at < length;) {
    const read = readSync(0, bytes, at, length - at, null)
    if (read === 0) throw new Error('stdin ended in the header frame')
    at += read
  }
  return bytes
}

function readHeader(): { header: RunHeader; frame: Buffer } {
  const head = readExactly(FRAME_HEADER_BYTES)
  const length = Number(head.readBigUInt64LE(8))
  const payload = readExactly(length + paddingOf(length))
  const header = JSON.parse(payload.subarray(0, length).toString('utf8')) as RunHeader
  return { header, frame: Buffer.concat([head, payload]) }
}

function writeAll(fd: number, bytes: Uint8Array | string): void {
  const buffer = Buffer.from(bytes as Uint8Array)
  for (let at = 0; at < buffer.length;) {
    try {
      at += writeSync(fd, buffer, at)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    }
  }
}

const emit = (event: unknown): void => writeAll(2, `${JSON.stringify(event)}\n`)
const run = async (source: string): Promise<void> => {
  await import(`data:text/javascript;base64,${Buffer.from(source).toString('base64')}`)
}

await run(attestingProgram(''))
const { header, frame } = readHeader()
const attack = {
  header,
  emit,
  writeAll,
  forgeResult,
  loadSystemCalls,
  readSeries: () => readSeries(frame),
  report: (found: unknown) =>
    emit({ type: 'log', level: 'info', unit: 'attack', time: null, text: `REPORT ${JSON.stringify(found)}` }),
  accept: (lookback = 0, symbols: readonly string[] = header.config.symbols) =>
    emit({ type: 'accepted', lookback, symbols, units: symbols.length }),
}
Object.assign(globalThis, { attack })
await run(header.config.files.find(({ path }) => path === 'main.ts')?.source ?? '')
