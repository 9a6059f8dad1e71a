/*
 * Theory of operation
 *
 * Makes a clone ready to work: packages as the lockfile says, a Docker engine that answers, the runner image. Runs
 * under any Node from 20 on with nothing installed, so it imports no package. Each step first looks whether its work
 * is done, so that a second run costs a few file reads, one ping and one look at the image.
 *
 *   node setup.mjs [--test] [--base IMAGE] [--run FILE ARGS...]
 *
 * --test also provides what only tests need (a browser, Compose). --run goes on with FILE under the pinned Node, in one
 * command: npm scripts cannot name that Node before it is there. All words of set-up go to stderr: stdout is FILE's.
 */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import http from 'node:http'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = dirname(fileURLToPath(import.meta.url))
const NODE = join(ROOT, 'node_modules/.bin/node')
const DEFAULT_SOCKET = '/var/run/docker.sock'
const NPM_TIMEOUT_MS = 10 * 60_000
const APT_TIMEOUT_MS = 8 * 60_000
const ENGINE_START_MS = 60_000

class SetupError extends Error {}

const say = (line) => void process.stderr.write(`setup: ${line}\n`)

async function main(argv) {
  const options = parseArguments(argv)
  try {
    installPackages()
    linkCommand()
    await provideEngine()
    provideImage(options.base)
    if (options.test) provideTestTools()
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    say(`failed: ${error.message}`)
    // The last line of a test run is its totals, also when nothing could be tested.
    if (options.test) console.log('0 passed, 1 failed')
    return 1
  }
  if (options.run.length === 0) {
    say('ready')
    return 0
  }
  return await goOn(options.run)
}

function parseArguments(argv) {
  const options = { test: false, base: process.env.HOTCELL_BASE_IMAGE || null, run: [] }
  for (let at = 0; at < argv.length; at += 1) {
    if (argv[at] === '--test') options.test = true
    else if (argv[at] === '--base' && argv[at + 1]) options.base = argv[(at += 1)]
    else if (argv[at] === '--run' && argv[at + 1]) return { ...options, run: argv.slice(at + 1) }
    else {
      say(`Cannot read argument "${argv[at]}", expected [--test] [--base IMAGE] [--run FILE ARGS...]`)
      process.exit(2)
    }
  }
  return options
}

function installPackages() {
  const reason = whyInstall()
  if (reason === null) return
  say(`installing packages with npm ci (${reason})`)
  // The machine's Node is older than `engines` asks for; the packages are used under the pinned one alone.
  const flags = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--engine-strict=false', '--loglevel=error']
  const npm = process.env.npm_execpath
  const [command, first] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []]
  const result = runStep(command, [...first, ...flags], { timeoutMs: NPM_TIMEOUT_MS })
  if (result !== null) throw new SetupError(`npm ci ${result}; see its words above, then run this again`)
  const still = whyInstall()
  if (still !== null)
    throw new SetupError(`after npm ci ${still}: this system may have no pinned Node (README, Systems)`)
}

/** npm keeps what it installed in a hidden lockfile: the folder is right when that says what our lockfile says. */
function whyInstall() {
  const hidden = readJson(join(ROOT, 'node_modules/.package-lock.json'))
  const wanted = readJson(join(ROOT, 'package-lock.json'))
  if (wanted === null) throw new SetupError('package-lock.json is missing: this is no whole clone')
  if (hidden === null) return 'not installed yet'
  for (const [path, entry] of Object.entries(wanted.packages)) {
    const found = hidden.packages[path]
    if (path === '' || (!found && entry.optional)) continue
    if (!found) return `"${path}" is missing`
    if (found.version !== entry.version || found.integrity !== entry.integrity) return `"${path}" is another version`
  }
  return fs.existsSync(NODE) ? null : 'the pinned Node is missing'
}

/** `npx hotcell` looks here first; without the link npx would fetch a package of that name. */
function linkCommand() {
  const link = join(ROOT, 'node_modules/.bin/hotcell')
  const target = '../../orchestrator-service/cli/hotcell.mjs'
  try {
    if (fs.readlinkSync(link) === target) return
  } catch {
    // Not there yet, or no link: made below.
  }
  fs.rmSync(link, { force: true })
  fs.symlinkSync(target, link)
}

async function provideEngine() {
  const endpoint = findEngine()
  if (await answers(endpoint)) return
  const canInstall = endpoint === DEFAULT_SOCKET && process.platform === 'linux' && process.getuid() === 0
  if (!canInstall) {
    throw new SetupError(
      `no Docker engine answers at ${endpoint}. Start it (Linux: sudo systemctl start docker; macOS: start Docker Desktop), or set DOCKER_HOST, then run this again`,
    )
  }
  if (!hasCommand('dockerd')) installEngine()
  await startEngine(endpoint)
}

function findEngine() {
  if (process.env.DOCKER_HOST) return process.env.DOCKER_HOST.replace(/^unix:\/\//, '')
  const folder = process.env.DOCKER_CONFIG || join(homedir(), '.docker')
  const context = process.env.DOCKER_CONTEXT || readJson(join(folder, 'config.json'))?.currentContext
  if (context && context !== 'default') {
    const id = createHash('sha256').update(context).digest('hex')
    const host = readJson(join(folder, 'contexts/meta', id, 'meta.json'))?.Endpoints?.docker?.Host
    if (!host) throw new SetupError(`the Docker context "${context}" names no engine; run: docker context use default`)
    return host.replace(/^unix:\/\//, '')
  }
  const own = join(homedir(), '.docker/run/docker.sock')
  return fs.existsSync(own) ? own : DEFAULT_SOCKET
}

async function answers(endpoint) {
  const url = /^(?:tcp|http):\/\/([^:/]+):?(\d+)?/.exec(endpoint)
  // TLS and ssh are the client's business: the image step says whether they work.
  if (!url && !endpoint.startsWith('/')) return true
  if (url && process.env.DOCKER_CERT_PATH) return true
  const where = url ? { host: url[1], port: Number(url[2] ?? 2375) } : { socketPath: endpoint }
  return await new Promise((resolve) => {
    const request = http.get({ ...where, path: '/_ping', timeout: 5000 }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    request.on('timeout', () => request.destroy(new Error('time-out')))
    request.on('error', ({ code }) => {
      if (code === 'EACCES') say(`${endpoint} refuses this user: join the group docker (its members equal root)`)
      resolve(false)
    })
  })
}

function installEngine() {
  if (!hasCommand('apt-get'))
    throw new SetupError('no Docker engine and no apt-get to install one: install Docker, then run this again')
  say('installing the Docker engine (apt-get install docker.io iptables)')
  const problem = installDebian(['docker.io', 'iptables'])
  if (problem !== null) throw new SetupError(problem)
  if (!hasCommand('dockerd')) throw new SetupError('docker.io is installed, but there is no dockerd in the PATH')
}

/** No systemd is needed: the engine is a child of nobody and goes on when set-up ends. */
async function startEngine(endpoint) {
  removeStalePid('/var/run/docker.pid', 'dockerd')
  removeStalePid('/var/run/docker/containerd/containerd.pid', 'containerd')
  const log = join(ROOT, 'node_modules/.cache/hotcell/dockerd.log')
  fs.mkdirSync(dirname(log), { recursive: true })
  // The cells have no network: where the kernel grants no firewall or bridge, an engine without them is enough.
  for (const flags of [[], ['--iptables=false', '--ip6tables=false', '--bridge=none']]) {
    say(`starting dockerd ${[...flags, `(log: ${log})`].join(' ')}`)
    if (await startDockerd(flags, log, endpoint)) return
  }
  const words = fs.existsSync(log) ? fs.readFileSync(log, 'utf8').trim().split('\n').slice(-5).join('\n') : ''
  throw new SetupError(
    `dockerd does not start. Its last words:\n${words}\nStart it by hand (dockerd), then run this again`,
  )
}

async function startDockerd(flags, log, endpoint) {
  const output = fs.openSync(log, 'w')
  // The engine looks for iptables itself; PATH of a user's shell may leave the system's folders out.
  const env = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/sbin:/sbin` }
  const engine = spawn('dockerd', flags, { detached: true, stdio: ['ignore', output, output], env })
  fs.closeSync(output)
  let ended = false
  engine.once('error', () => (ended = true))
  engine.once('exit', () => (ended = true))
  engine.unref()
  const deadline = Date.now() + ENGINE_START_MS
  while (Date.now() < deadline) {
    if (await answers(endpoint)) return true
    if (ended) return false
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  if (engine.pid) process.kill(engine.pid, 'SIGTERM')
  return false
}

/** After a crash or in a copied machine the file names a process that is gone, or one that is something else now. */
function removeStalePid(file, command) {
  if (!fs.existsSync(file)) return
  const pid = fs.readFileSync(file, 'utf8').trim()
  const name = readText(`/proc/${pid}/comm`)?.trim()
  if (name === command) return
  say(`removing ${file}: process ${pid} is ${name ? `"${name}"` : 'gone'}`)
  fs.rmSync(file, { force: true })
}

function provideImage(base) {
  const script = join(ROOT, 'orchestrator-service/sandbox/image/provide-image.ts')
  const result = runStep(NODE, [script, ...(base ? [base] : [])], { timeoutMs: 6 * 60_000 })
  if (result !== null) throw new SetupError(`the runner image could not be made (${result}); see above`)
}

function provideTestTools() {
  const hasCompose =
    hasCommand('docker-compose') || spawnSync('docker', ['compose', 'version'], { timeout: 20_000 }).status === 0
  const canInstall = process.platform === 'linux' && process.getuid() === 0 && hasCommand('apt-get')
  for (const [name, purpose, isThere] of [
    ['chromium', 'the browser test', fs.existsSync('/usr/bin/chromium')],
    ['docker-compose', 'the test of docker-compose.yml', hasCompose],
  ]) {
    if (isThere) continue
    if (canInstall) say(`installing ${name} for ${purpose} (apt-get install ${name})`)
    const problem = canInstall ? installDebian([name]) : `install ${name} to run it`
    if (problem !== null) say(`no ${name} found: ${purpose} is left out: ${problem}`)
  }
}

/** Null when the packages are there, else what went wrong. */
function installDebian(packages) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const settings = ['Acquire::Retries=3', 'Acquire::http::Timeout=30', 'DPkg::Lock::Timeout=120']
  const flags = ['-y', '-q', ...settings.flatMap((setting) => ['-o', setting])]
  const options = { timeoutMs: APT_TIMEOUT_MS, env, quiet: true }
  const updated = runStep('apt-get', ['update', ...flags], options)
  const result = runStep('apt-get', ['install', ...flags, '--no-install-recommends', ...packages], options)
  if (result === null) return null
  return `apt-get install ${packages.join(' ')} ${result}${updated === null ? '' : ` (apt-get update ${updated})`}`
}

/** Runs a step to its end; null when it went well, else how it ended. A quiet step speaks only when it fails. */
function runStep(command, args, { timeoutMs, env = process.env, quiet = false }) {
  const output = quiet ? 'pipe' : ['ignore', process.stderr, process.stderr]
  const result = spawnSync(command, args, {
    cwd: ROOT,
    env,
    stdio: output,
    timeout: timeoutMs,
    maxBuffer: 64 * 1024 * 1024,
  })
  if (result.status === 0) return null
  if (quiet) process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`.split('\n').slice(-12).join('\n'))
  if (result.error?.code === 'ETIMEDOUT') return `did not end within ${timeoutMs / 60_000} minutes`
  return result.error ? `did not start (${result.error.message})` : `ended with ${result.signal ?? result.status}`
}

function hasCommand(name) {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin', '/sbin']
  return folders.some((folder) => folder !== '' && fs.existsSync(join(folder, name)))
}

function readText(file) {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch {
    return null
  }
}

function readJson(file) {
  const text = readText(file)
  return text === null ? null : JSON.parse(text)
}

/** Goes on under the pinned Node in the caller's folder; keys like Ctrl-C reach the program itself, as its group does. */
async function goOn([file, ...args]) {
  const env = {
    // Stripped and compiled modules are kept: a start without them costs three times as much.
    NODE_COMPILE_CACHE: join(ROOT, 'node_modules/.cache/hotcell/compiled'),
    ...process.env,
    PATH: `${join(ROOT, 'node_modules/.bin')}:${process.env.PATH ?? ''}`,
  }
  const program = spawn(NODE, [join(ROOT, file), ...args], { stdio: 'inherit', env })
  process.on('SIGINT', () => {})
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => program.kill(signal))
  return await new Promise((resolve) => {
    program.once('error', (error) => {
      say(`failed: ${error.message}`)
      resolve(1)
    })
    program.once('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1)))
  })
}

process.exitCode = await main(process.argv.slice(2))
