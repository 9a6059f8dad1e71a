import { randomBytes } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type Docker from 'dockerode'
import { createVerifier, type Verifier } from '../../orchestrator-service/results/verify/verifier.ts'
import type { EngineClient } from '../../orchestrator-service/sandbox/docker-client.ts'
import { bundleProgram } from '../../orchestrator-service/sandbox/image/program.ts'
import type { Changes } from './attack.ts'
import { changedSources } from './attack-changes.ts'

/**
 * Theory of operation. A layer that the engine keeps is switched off by an engine that does not do what it is asked: a
 * client in front of the real one changes the body of the create call, and answers inspect with what was asked. The
 * product's code is the same. Its host check and the attestation would refuse such a cell, so both are lied to: here, and
 * by `LYING` in the image of the attack, which is what an attacker inside would do.
 */
export const ENGINE_SWITCHES = {
  seccomp: 'the seccomp list',
  network: 'network none (a bridge of its own instead)',
  root: 'the read-only root',
  capabilities: 'dropping of capabilities',
  exec: 'noexec on /tmp',
  masks: 'masked and read-only paths',
  ipc: 'IPC none (a private one instead)',
  pids: 'the private pid name space',
  user: 'uid 65534 (root instead)',
} as const
export type EngineSwitch = keyof typeof ENGINE_SWITCHES

type HostConfig = Record<string, unknown>

const WEAKEN: Readonly<Record<EngineSwitch, (config: HostConfig, network: string) => HostConfig>> = {
  seccomp: (config) => ({ SecurityOpt: [...optionsWithout(config, 'seccomp='), 'seccomp=unconfined'] }),
  network: (_config, network) => ({ NetworkMode: network }),
  root: () => ({ ReadonlyRootfs: false }),
  capabilities: () => ({ CapDrop: [] }),
  exec: ({ Tmpfs }) => ({
    Tmpfs: Object.fromEntries(
      Object.entries(Tmpfs as Record<string, string>).map(([path, text]) => [path, text.replace('noexec', 'exec')]),
    ),
  }),
  masks: () => ({ MaskedPaths: [], ReadonlyPaths: [] }),
  ipc: () => ({ IpcMode: 'private' }),
  pids: () => ({ PidMode: 'host' }),
  user: () => ({}),
}

function optionsWithout({ SecurityOpt }: HostConfig, prefix: string): string[] {
  return (SecurityOpt as string[]).filter((option) => !option.startsWith(prefix))
}

interface DialOptions {
  readonly path: string
  readonly options: { _query: unknown; _body: Record<string, unknown> }
}
type DialDone = (error: unknown, answer: unknown) => void
interface Modem {
  dial(options: DialOptions, done: DialDone): void
}

export interface WeakEngine extends AsyncDisposable {
  readonly client: EngineClient
}

/** A client whose cells lack what is named. */
export async function weakenEngine(engine: EngineClient, switches: readonly EngineSwitch[]): Promise<WeakEngine> {
  const network = switches.includes('network')
    ? await engine.docker.createNetwork({ Name: `hotcell-attack-${randomBytes(6).toString('hex')}`, Driver: 'bridge' })
    : null
  const asked = new Map<string, { config: HostConfig; User: unknown }>()
  const modem = engine.docker.modem as Modem
  const dial = (request: DialOptions, done: DialDone): void => {
    if (request.path.startsWith('/containers/create')) {
      const { _body: body, ...others } = request.options
      const config = body['HostConfig'] as HostConfig
      let weak = config
      for (const name of switches) weak = { ...weak, ...WEAKEN[name](weak, network?.id ?? '') }
      const user = switches.includes('user') ? { User: '0:0' } : {}
      const options = { ...others, _body: { ...body, ...user, HostConfig: weak } }
      modem.dial({ ...request, options }, (error, answer) => {
        const wanted = { config: { PidMode: '', ...config }, User: body['User'] }
        if (error === null) asked.set((answer as { Id: string }).Id, wanted)
        done(error, answer)
      })
      return
    }
    const id = /^\/containers\/([0-9a-f]+)\/json/.exec(request.path)?.[1]
    const wanted = id === undefined ? undefined : asked.get(id)
    if (wanted === undefined) return modem.dial(request, done)
    modem.dial(request, (error, answer) => {
      if (error !== null) return done(error, answer)
      const { Config, HostConfig: got, ...rest } = answer as { Config: object; HostConfig: HostConfig }
      const { config, User } = wanted
      done(null, { ...rest, Config: { ...Config, User }, HostConfig: { ...got, ...config } })
    })
  }
  const docker = Object.create(engine.docker, {
    modem: { value: Object.create(modem, { dial: { value: dial } }) as Modem },
  }) as Docker
  return { client: { ...engine, docker }, [Symbol.asyncDispose]: async () => void (await network?.remove()) }
}

/** The program of a broken realm, attesting what it was to be. */
export const LYING: Changes = {
  'test/support/attesting-program.ts': (text) =>
    text.replace(
      'attestation: attest() }',
      `attestation: { ...attest(), seccomp: 2, noNewPrivs: 1, rootReadOnly: true, interfaces: ['lo'], routes: [], pid: 1, uid: 65534, gid: 65534, groups: [],
        capabilities: Array(5).fill('0000000000000000'),
        writableMounts: attest().writableMounts.filter((one) => one.startsWith('/tmp ')).map((one) => one + ',noexec') } }`,
    ),
}

/** The product's verifier with a part of it changed; its program lies in `folder`. */
export async function changedVerifier(changes: Changes, folder: string): Promise<Verifier> {
  const worker = 'orchestrator-service/results/verify/verify-worker.ts'
  const spec = { modules: { verify: worker }, scripts: {}, entrypoint: [] }
  const { files } = await bundleProgram(spec, changedSources(changes))
  const [program] = files
  if (program === undefined || !('bytes' in program.content)) throw new Error('The verification is not one file')
  const file = join(mkdtempSync(join(folder, 'verify-')), 'verify.mjs')
  writeFileSync(file, program.content.bytes)
  return createVerifier(pathToFileURL(file))
}
