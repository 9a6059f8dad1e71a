import { Demux } from '../../../orchestrator-service/sandbox/demux.ts'
import { PlatformError } from '../../../src/errors.ts'
import type { Random } from '../../support/random.ts'
import { type FuzzCase, type FuzzTarget, must, mustEqual } from '../fuzz-target.ts'
import { chunkings, EDGE_LENGTHS, mutateBytes, randomBytes } from '../mutate.ts'

interface Outcome {
  readonly stdout: string
  readonly stderr: string
  readonly counts: readonly number[]
  readonly overflows: readonly string[]
  readonly error: 'header' | 'inside' | null
}

const hex = (parts: readonly Uint8Array[]): string => Buffer.concat(parts).toString('hex')

/** The whole stream at once, as its form is described. */
function readNaively(bytes: Uint8Array, caps: readonly [number, number]): Outcome {
  const payloads: [number[], number[]] = [[], []]
  const overflows: string[] = []
  let error: Outcome['error'] = null
  let at = 0
  while (at < bytes.length && error === null) {
    const header = bytes.subarray(at, at + 8)
    if (header.length < 8) {
      error = 'inside'
      break
    }
    const [type = 0, ...rest] = header
    if ((type !== 1 && type !== 2) || rest.slice(0, 3).some((byte) => byte !== 0)) {
      error = 'header'
      break
    }
    const length = Buffer.from(header).readUInt32BE(4)
    const payload = bytes.subarray(at + 8, at + 8 + length)
    const list = payloads[type - 1]!
    list.push(...payload)
    const name = type === 1 ? 'stdout' : 'stderr'
    if (list.length > caps[type - 1]! && !overflows.includes(name)) overflows.push(name)
    if (payload.length < length) error = 'inside'
    at += 8 + length
  }
  const [out, err] = payloads
  return {
    stdout: Buffer.from(out.slice(0, caps[0])).toString('hex'),
    stderr: Buffer.from(err.slice(0, caps[1])).toString('hex'),
    counts: [out.length, Math.max(0, out.length - caps[0]), err.length, Math.max(0, err.length - caps[1])],
    overflows,
    error,
  }
}

function errorOf(action: () => void): PlatformError | null {
  try {
    action()
    return null
  } catch (error) {
    must(error instanceof PlatformError && error.code === 'protocol', `It threw ${String(error)}`)
    return error
  }
}

function read(chunks: readonly Uint8Array[], caps: readonly [number, number]): Outcome {
  const out: Uint8Array[] = []
  const err: Uint8Array[] = []
  const overflows: string[] = []
  const demux = new Demux({
    stdoutBytes: caps[0],
    stderrBytes: caps[1],
    onStdout: (bytes) => void out.push(bytes.slice()),
    onStderr: (bytes) => void err.push(bytes.slice()),
    onOverflow: (stream) => void overflows.push(stream),
  })
  let error: Outcome['error'] = null
  for (const chunk of chunks) {
    const thrown = errorOf(() => demux.push(chunk))
    must(thrown === null || error === null, 'A broken stream threw twice')
    if (thrown !== null) error = 'header'
  }
  const thrown = errorOf(() => demux.end())
  if (thrown !== null) {
    must(error === null, 'A broken stream threw again at its end')
    error = 'inside'
  }
  const { stdout, stderr } = demux
  const counts = [stdout.bytes, stdout.droppedBytes, stderr.bytes, stderr.droppedBytes]
  return { stdout: hex(out), stderr: hex(err), counts, overflows, error }
}

function frame(random: Random): Uint8Array {
  const length = random.chance(0.5) ? random.pick(EDGE_LENGTHS) : random.int(0, 400)
  const bytes = new Uint8Array(8 + length)
  bytes[0] = random.int(1, 2)
  new DataView(bytes.buffer).setUint32(4, length)
  // Payload that looks like headers is payload
  if (random.chance(0.3))
    for (let at = 8; at + 8 <= bytes.length; at += 8) bytes.set([random.int(0, 3), 0, 0, 0, 0, 0, 0, 1], at)
  else bytes.set(randomBytes(random, length), 8)
  return bytes
}

function breakHeader(random: Random, bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer)
  const length = view.getUint32(4)
  const kind = random.int(0, 3)
  if (kind === 0) bytes[0] = random.pick([0, 3, 4, 128, 255])
  else if (kind === 1) bytes[random.int(1, 3)] = random.pick([1, 255])
  else
    view.setUint32(
      4,
      kind === 2 ? Math.max(0, length + random.pick([-1, 1])) : random.pick([0xffffffff, 0x80000000, 0x7fffffff]),
    )
}

/** The engine's multiplexed stream. */
export const demuxTarget: FuzzTarget = {
  make(random): FuzzCase {
    const frames = Array.from({ length: random.int(0, 20) }, () => frame(random))
    if (frames.length > 0 && random.chance(0.4)) breakHeader(random, random.pick(frames))
    if (frames.length > 1 && random.chance(0.2)) frames.push(random.pick(frames))
    let bytes = new Uint8Array(Buffer.concat(frames))
    while (random.chance(0.3)) bytes = new Uint8Array(mutateBytes(random, bytes))
    const cap = (): number => random.pick([0, 1, 8, 100, 300, 1e6])
    return { bytes, settings: { cuts: random.int(0, 2 ** 31), stdoutBytes: cap(), stderrBytes: cap() } }
  },
  check({ bytes, settings }) {
    const caps = [settings['stdoutBytes']!, settings['stderrBytes']!] as const
    const wanted = readNaively(bytes, caps)
    for (const chunks of chunkings(bytes, settings['cuts']!)) mustEqual('The outcome', read(chunks, caps), wanted)
  },
}
