import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createServer, type AddressInfo } from 'node:net'
import { PROJECT_ROOT } from '../../orchestrator-service/sandbox/image/project-root.ts'

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** The project's docker-compose.yml under a name and a port of its own. */
export interface ComposeProject {
  readonly name: string
  readonly url: string
  /** Runs Compose. @throws Error with its words unless it ends with 0 */
  compose(args: readonly string[], options?: { timeoutMs?: number }): Promise<Ended>
  /** Runs the engine's client. @throws Error with its words unless it ends with 0 */
  docker(args: readonly string[]): Promise<Ended>
  /** Stops it and removes its containers, network, volume and image. */
  remove(): Promise<void>
  /** Containers, networks, volumes and images that bear the project's name. */
  left(): Promise<string[]>
}

/** The Compose of this machine: the engine's plugin, else the program of version 1; null and said so where neither is. */
export function findCompose(): readonly string[] | null {
  const forms = [['docker', 'compose'], ['docker-compose']] as const
  const found = forms.find(
    ([command, ...rest]) => spawnSync(command, [...rest, 'version'], { timeout: 20_000 }).status === 0,
  )
  if (found !== undefined) return found
  process.stdout.write(
    'Left out: the test of docker-compose.yml; there is no Compose (apt-get install docker-compose)\n',
  )
  return null
}

export async function createComposeProject(form: readonly string[]): Promise<ComposeProject> {
  const name = `hotcelltest${randomBytes(4).toString('hex')}`
  const port = await findFreePort()
  const env = { ...process.env, COMPOSE_PROJECT_NAME: name, HOTCELL_PORT: String(port), HOTCELL_LOG_LEVEL: 'info' }
  const [command = '', ...first] = form
  const docker = async (args: readonly string[]) => await runTool('docker', args, { env })
  const compose: ComposeProject['compose'] = async (args, { timeoutMs } = {}) =>
    await runTool(command, [...first, ...args], { env, timeoutMs })
  const left = async () => {
    const label = `label=com.docker.compose.project=${name}`
    const listings = await Promise.all([
      docker(['ps', '--all', '--quiet', '--filter', label]),
      docker(['network', 'ls', '--quiet', '--filter', label]),
      docker(['volume', 'ls', '--quiet', '--filter', label]),
      docker(['image', 'ls', '--quiet', `${name}*`]),
    ])
    return listings.flatMap(({ stdout }) => stdout.split('\n').filter((line) => line !== ''))
  }
  return {
    name,
    url: `http://127.0.0.1:${port}`,
    compose,
    docker,
    left,
    async remove() {
      await compose(['down', '--volumes', '--remove-orphans', '--rmi', 'local', '--timeout', '5'])
    },
  }
}

/** Runs a program to its end with a time limit; its words are kept. */
export async function runTool(
  command: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; timeoutMs?: number | undefined } = {},
): Promise<Ended> {
  const child = spawn(command, args, {
    cwd: PROJECT_ROOT,
    env: options.env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: options.timeoutMs ?? 60_000,
    killSignal: 'SIGKILL',
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}: ${stdout}${stderr}`.slice(0, 4000))
  return { code, stdout, stderr }
}

async function findFreePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => void server.close(resolve))
  return port
}
