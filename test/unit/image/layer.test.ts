import { createHash } from 'node:crypto'
import { describe, it } from 'vitest'
import { extract } from 'tar-stream'
import {
  listFolders,
  measureLayer,
  packLayer,
  packTar,
  writeEntry,
} from '../../../orchestrator-service/sandbox/image/layer.ts'
import type { ImageFile } from '../../../orchestrator-service/sandbox/image/root-files.ts'

const text = (path: string, content: string): ImageFile => ({
  path,
  mode: 0o444,
  content: { bytes: Buffer.from(content) },
})
const FILES = [text('/app/main.mjs', 'run()'), text('/lib/a/b.so', 'x'.repeat(3_000_000))]

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

describe('packLayer()', () => {
  it('gives the same bytes each time', async ({ expect }) => {
    const first = await collect(packLayer(FILES))
    const second = await collect(packLayer(FILES))

    expect(first.equals(second)).toBe(true)
  })

  it('writes root-owned read-only entries of a fixed time, folders before their files', async ({ expect }) => {
    const found: string[] = []
    const reader = extract()
    const reading = (async () => {
      for await (const entry of reader) {
        const { name, type, mode, uid, gid, mtime } = entry.header
        found.push(`${type} ${name} ${mode.toString(8)} ${uid}:${gid} ${mtime.getTime()}`)
        entry.resume()
      }
    })()
    reader.end(await collect(packLayer(FILES)))
    await reading

    expect(found).toEqual([
      'directory app/ 555 0:0 0',
      'directory lib/ 555 0:0 0',
      'directory lib/a/ 555 0:0 0',
      'file app/main.mjs 444 0:0 0',
      'file lib/a/b.so 444 0:0 0',
    ])
  })

  it('fails when a file is not there', async ({ expect }) => {
    const missing: ImageFile = { path: '/x', mode: 0o444, content: { file: '/nowhere/at/all' } }

    await expect(collect(packLayer([missing]))).rejects.toThrow('ENOENT')
  })
})

describe('measureLayer()', () => {
  it('names the hash and size of exactly the bytes that are packed', async ({ expect }) => {
    const bytes = await collect(packLayer(FILES))
    const facts = await measureLayer(FILES)

    expect(facts).toEqual({
      diffId: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
      bytes: bytes.byteLength,
    })
  })

  it('changes with one byte of one file', async ({ expect }) => {
    const other = [text('/app/main.mjs', 'run( )'), ...FILES.slice(1)]

    expect((await measureLayer(other)).diffId).not.toBe((await measureLayer(FILES)).diffId)
  })
})

describe('writeEntry()', () => {
  it('refuses content that is shorter than its header says', async ({ expect }) => {
    const short = packTar((tar) => writeEntry(tar, { name: 'x', mode: 0o444, size: 9 }, { bytes: Buffer.from('abc') }))

    await expect(collect(short)).rejects.toThrow('Size mismatch')
  })
})

describe('listFolders()', () => {
  it('lists every folder once, parents first', ({ expect }) => {
    expect(listFolders(['/a/b/c', '/a/d', '/e', '/a/b/f'])).toEqual(['/a', '/a/b'])
  })
})
