import type Docker from 'dockerode'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'

export interface PlainResult {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
}

/** Runs a module in a container of the open test image: read-only, without network, otherwise with engine defaults. */
export async function runPlainNode(docker: Docker, ref: string, source: string): Promise<PlainResult> {
  const container = await docker.createContainer({
    Image: ref,
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    HostConfig: { NetworkMode: 'none', ReadonlyRootfs: true, Memory: 512 * 1024 * 1024, PidsLimit: 64 },
  })
  try {
    const stream = await container.attach({ stream: true, stdin: true, stdout: true, stderr: true, hijack: true })
    const out = new PassThrough()
    const err = new PassThrough()
    docker.modem.demuxStream(stream, out, err)
    stream.once('end', () => {
      out.end()
      err.end()
    })
    const texts = Promise.all([text(out), text(err)])
    await container.start()
    stream.end(source)
    const { StatusCode } = (await container.wait()) as { StatusCode: number }
    const [stdout, stderr] = await texts
    return { stdout, stderr, exitCode: StatusCode }
  } finally {
    await container.remove({ force: true })
  }
}
