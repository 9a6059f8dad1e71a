import { createHash } from 'node:crypto'
import { createReadStream, statSync } from 'node:fs'
import { type Header, type Pack, pack } from 'tar-stream'
import type { ImageFile } from './root-files.ts'

export interface LayerFacts {
  /** `sha256:…` of the uncompressed tar: the name that the engine gives the layer. */
  readonly diffId: string
  readonly bytes: number
}

/** Bytes of one entry: in memory, in a file, or made on the way. */
export type EntryContent = ImageFile['content'] | { readonly stream: AsyncIterable<Uint8Array> }

type EntryHeader = Pick<Header, 'name' | 'mode' | 'size'>

/** No time of day and no user of this machine: two builds must not differ by when, where or by whom they ran. */
const FIXED = { mtime: new Date(0), uid: 0, gid: 0, uname: '', gname: '' } as const

/** The layer as a tar: folders first, each file root-owned, read-only and of a fixed time. */
export function packLayer(files: readonly ImageFile[]): AsyncIterable<Uint8Array> {
  return packTar(async (layer) => {
    for (const folder of listFolders(files.map((file) => file.path))) {
      layer.entry({ ...FIXED, name: `${folder.slice(1)}/`, type: 'directory', mode: 0o555 })
    }
    for (const file of files) {
      const size = 'bytes' in file.content ? file.content.bytes.byteLength : statSync(file.content.file).size
      await writeEntry(layer, { name: file.path.slice(1), mode: file.mode, size }, file.content)
    }
  })
}

/** Hash and size of a layer, without keeping it. */
export async function measureLayer(files: readonly ImageFile[]): Promise<LayerFacts> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of packLayer(files)) {
    hash.update(chunk)
    bytes += chunk.byteLength
  }
  return { diffId: `sha256:${hash.digest('hex')}`, bytes }
}

/** Folders that the files need, parents first, without the root. */
export function listFolders(paths: readonly string[]): string[] {
  const folders = new Set<string>()
  for (const path of paths) {
    for (let end = path.indexOf('/', 1); end !== -1; end = path.indexOf('/', end + 1)) folders.add(path.slice(0, end))
  }
  return [...folders].sort()
}

/** A tar whose entries `write` adds one after the other; an error of `write` ends the stream with that error. */
export async function* packTar(write: (tar: Pack) => Promise<void>): AsyncGenerator<Uint8Array> {
  const tar = pack()
  write(tar).then(
    () => {
      tar.finalize()
    },
    (error: unknown) => {
      tar.destroy(error instanceof Error ? error : new Error(String(error)))
    },
  )
  try {
    for await (const chunk of tar as AsyncIterable<Uint8Array>) yield chunk
  } finally {
    tar.destroy()
  }
}

/** Adds one file and waits until tar-stream has taken it; the size must be exact. */
export async function writeEntry(tar: Pack, header: EntryHeader, content: EntryContent): Promise<void> {
  const taken = Promise.withResolvers<void>()
  const sink = tar.entry({ ...FIXED, type: 'file', ...header }, (error) => {
    if (error) taken.reject(error)
    else taken.resolve()
  })
  sink.on('error', taken.reject)
  for await (const chunk of openContent(content)) {
    if (sink.write(chunk)) continue
    await Promise.race([taken.promise, new Promise<void>((resolve) => void sink.once('drain', resolve))])
  }
  sink.end(null)
  await taken.promise
}

export async function writeBytes(tar: Pack, name: string, bytes: Buffer): Promise<void> {
  await writeEntry(tar, { name, mode: 0o444, size: bytes.byteLength }, { bytes })
}

function openContent(content: EntryContent): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  if ('stream' in content) return content.stream
  if ('bytes' in content) return [content.bytes]
  return createReadStream(content.file, { highWaterMark: 1024 * 1024 })
}
