import { type FileHandle, mkdir, open, readFile, stat, truncate } from 'node:fs/promises'
import path from 'node:path'
import { createCheckpointChain } from '../../src/verification/checkpoint-chain.ts'
import { createSha256 } from '../sha256.ts'

/**
 * Theory of operation. The checkpoints of one job on disk: 64 digits that say for which inputs they were made, then one
 * checkpoint after the other as u32 length, u32 attempt, u32 unit (little-endian), 64 digits of the chain, and its bytes. It is
 * only appended to, without waiting for the disk: what a crash cuts off, or bits that have turned, end the chain, and what
 * stands before is as good as ever. A checkpoint that is lost costs time and nothing else.
 */
export interface StoredCheckpoint {
  /** In which attempt it came. */
  readonly attempt: number
  readonly unit: number
  /** The chain up to it, this one included. */
  readonly link: string
  readonly bytes: Uint8Array
}

export interface CheckpointFile {
  /** Null: there is none, or nothing in it can be used. */
  read(): Promise<{ readonly key: string; readonly checkpoints: readonly StoredCheckpoint[] } | null>
  /** Begins anew. @throws errors of the file system */
  begin(key: string): Promise<void>
  /** @throws errors of the file system */
  append(checkpoint: StoredCheckpoint): Promise<void>
  close(): Promise<void>
}

const KEY_BYTES = 64
const LINK_AT = 12
const HEAD_BYTES = LINK_AT + 64
/** Of what stands beside the bytes of the checkpoints of 500 units. */
const EXTRA_BYTES = 65_536

/** @param capBytes of all checkpoints; a larger file was not written by this program */
export function createCheckpointFile(file: string, capBytes: number): CheckpointFile {
  let handle: FileHandle | null = null
  const opened = async (): Promise<FileHandle> => (handle ??= await open(file, 'a', 0o600))
  return {
    async read() {
      const size = await stat(file).then(
        (found) => found.size,
        () => 0,
      )
      if (size < KEY_BYTES || size > capBytes + EXTRA_BYTES) return null
      const bytes = await readFile(file)
      const { checkpoints, end } = parse(bytes)
      if (end < bytes.length) await truncate(file, end)
      return { key: bytes.toString('latin1', 0, KEY_BYTES), checkpoints }
    },
    async begin(key) {
      await mkdir(path.dirname(file), { recursive: true })
      await (await opened()).truncate(0)
      await (await opened()).appendFile(key, 'latin1')
    },
    async append({ attempt, unit, link, bytes }) {
      const head = Buffer.alloc(HEAD_BYTES)
      head.writeUInt32LE(bytes.length, 0)
      head.writeUInt32LE(attempt, 4)
      head.writeUInt32LE(unit, 8)
      head.write(link, LINK_AT, 'latin1')
      await (await opened()).appendFile(Buffer.concat([head, bytes]))
    },
    async close() {
      await handle?.close()
      handle = null
    },
  }
}

/** What is whole and in the chain, and where it ends. */
function parse(file: Buffer): { checkpoints: StoredCheckpoint[]; end: number } {
  const chain = createCheckpointChain(createSha256)
  const checkpoints: StoredCheckpoint[] = []
  let end = KEY_BYTES
  while (end + HEAD_BYTES <= file.length) {
    const at = end + HEAD_BYTES
    const next = at + file.readUInt32LE(end)
    const link = file.toString('latin1', end + LINK_AT, at)
    const bytes = file.subarray(at, next)
    if (next > file.length || chain.add(bytes) !== link) break
    checkpoints.push({ attempt: file.readUInt32LE(end + 4), unit: file.readUInt32LE(end + 8), link, bytes })
    end = next
  }
  return { checkpoints, end }
}
