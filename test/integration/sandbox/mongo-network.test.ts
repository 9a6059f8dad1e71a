import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findNetwork } from '../../../orchestrator-service/sandbox/cell-network.ts'
import { connectEngine } from '../../../orchestrator-service/sandbox/docker-client.ts'
import { createPolicyCheck } from '../../../orchestrator-service/sandbox/policy-check.ts'
import { loadPolicies, type SandboxPolicy } from '../../../orchestrator-service/sandbox/policy.ts'
import { attestingProgram } from '../../support/attesting-program.ts'
import { openCellBench, policyWith } from '../../support/cells.ts'
import { openTestApp, SUBMISSIONS, waitForEnd, writeTestCandles } from '../../support/service.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'
import { ensureTestImage } from '../../support/test-image.ts'

/*
 * The policy mongo-network on a network of its own, with a listener in the place of the secondary: the cell starts,
 * attests, runs a job, reaches that listener and nothing else of what is around it.
 */
const bench = openCellBench()
const { docker } = bench.engine
const network = `hotcell-test-${randomBytes(4).toString('hex')}`
const policy = policyWith({ network }, 'mongo-network')
const PORT = 27_017
const LISTENER = `
import net from 'node:net'
net.createServer((socket) => socket.on('error', () => {}).end('pong')).listen(${PORT}, '0.0.0.0', () => console.log('listening'))
`

const resources = new AsyncDisposableStack()

/** A container, no cell, that listens on the network; its address there. */
async function startListener(mode: string): Promise<{ id: string; address: string }> {
  const { ref } = await ensureTestImage(docker)
  const container = await docker.createContainer({
    Image: ref,
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    HostConfig: { NetworkMode: mode },
  })
  resources.defer(async () => await container.remove({ force: true }))
  const stream = await container.attach({ stream: true, stdin: true, stdout: true, hijack: true })
  await container.start()
  stream.end(LISTENER)
  await once(stream, 'data')
  const { NetworkSettings } = await container.inspect()
  return { id: container.id, address: Object.values(NetworkSettings.Networks)[0]?.IPAddress ?? '' }
}

/** A cell that attests and then stays. */
async function startIdle(): ReturnType<typeof bench.start> {
  const cell = await bench.start({ policy })
  await cell.send([Buffer.from(attestingProgram('setInterval(() => {}, 1000)'))])
  await cell.endInput()
  return cell
}

async function createNetwork(options: object): Promise<string> {
  const name = `hotcell-test-${randomBytes(4).toString('hex')}`
  const made = await docker.createNetwork({ Name: name, ...options })
  resources.defer(async () => await made.remove())
  return name
}

const WALLS = `
import net from 'node:net'
import dgram from 'node:dgram'
import dns from 'node:dns/promises'
const dial = (host, port, hello) => new Promise((resolve) => {
  const socket = net.connect({ host, port })
  const timer = setTimeout(() => { socket.destroy(); resolve('silence') }, 6000)
  const end = (text) => { clearTimeout(timer); socket.destroy(); resolve(text) }
  socket.on('error', (error) => end(error.code))
  socket.on('connect', () => { if (hello !== undefined) socket.write(hello) })
  socket.on('data', (bytes) => end(hello === undefined ? String(bytes) : 'rcode ' + (bytes[5] & 15) + ', ' + bytes.readUInt16BE(8) + ' answers'))
  socket.on('close', () => end('closed'))
})
const listen = (...where) => new Promise((resolve) => net.createServer().on('error', (error) => resolve(error.code)).listen(...where, () => resolve('listening')))
const question = Buffer.from('001d00010100000100000000000007' + Buffer.from('example').toString('hex') + '03' + Buffer.from('com').toString('hex') + '0000010001', 'hex')
const dials = await Promise.all(TARGETS.map(async ([name, host, port]) => [name, await dial(host, port)]))
const client = (host, port) => new Promise((resolve) => {
  const socket = net.connect({ host, port }, () => {
    const errors = [socket._handle.setNoDelay(true), socket._handle.setKeepAlive(true, 60), socket._handle.setKeepAlive(true, 60, 10, 3)]
    resolve({ errors, far: socket.remoteAddress, near: socket.localAddress })
    socket.end()
  }).on('error', (error) => resolve(error.code))
})
const results = {
  client: await client(TARGETS[0][1], TARGETS[0][2]),
  ...Object.fromEntries(dials),
  resolver: await dial('127.0.0.11', 53, question),
  lookup: await dns.lookup('example.com').then(() => 'found', (error) => 'refused'),
  udp: await new Promise((resolve) => { try { dgram.createSocket('udp4').on('error', (error) => resolve(error.code)).bind(0, () => resolve('bound')) } catch (error) { resolve(error.code) } }),
  unix: await new Promise((resolve) => net.connect({ path: '/var/run/docker.sock' }).on('error', (error) => resolve(error.code)).on('connect', () => resolve('connected'))),
  six: await dial('::1', 80),
  listen: await listen(0, '0.0.0.0'),
  listenUnix: await listen('/tmp/socket'),
}
fs.writeSync(1, JSON.stringify(results))
process.exit(0)`

let peer: { id: string; address: string }

beforeAll(async () => {
  const first = await bench.run('process.exit(0)', { policy })
  expect(first.cause).toBeNull()
  peer = await startListener(network)
})

afterAll(async () => {
  await resources.disposeAsync()
  await bench[Symbol.asyncDispose]()
  await docker.getNetwork(network).remove()
})

test('the network is made as the policy says, and its one member is the peer', async () => {
  const { Internal, Driver, EnableIPv6, Options } = (await docker.getNetwork(network).inspect()) as unknown as Record<
    string,
    unknown
  >
  const found = await findNetwork(bench.engine, network)

  expect({ Internal, Driver, EnableIPv6, Options }).toEqual({
    Internal: true,
    Driver: 'bridge',
    EnableIPv6: false,
    Options: { 'com.docker.network.bridge.inhibit_ipv4': 'true' },
  })
  expect(found).toMatchObject({ problems: [], peers: [expect.any(String)] })
})

test('a cell reaches the peer and nothing else', { timeout: 120_000 }, async () => {
  const server = createServer((socket) => socket.end('host')).listen(0, '0.0.0.0')
  await once(server, 'listening')
  const hostPort = (server.address() as AddressInfo).port
  const elsewhere = await startListener(await createNetwork({ Driver: 'bridge' }))
  const neighbour = await startIdle()
  await neighbour.attested
  const near = (await docker.getContainer(neighbour.containerId).inspect()).NetworkSettings.Networks[network]?.IPAddress
  const { IPAM } = (await docker.getNetwork(network).inspect()) as { IPAM: { Config: { Gateway: string }[] } }
  const gateway = IPAM.Config[0]?.Gateway
  const hosts = Object.values(networkInterfaces()).flatMap((list = []) =>
    list.filter((one) => one.family === 'IPv4' && !one.internal),
  )
  const targets = [
    ['peer', peer.address, PORT],
    ['peer, another port', peer.address, 80],
    ['neighbour', near, PORT],
    ['gateway', gateway, hostPort],
    ...hosts.map(({ address }) => [`host ${address}`, address, hostPort]),
    ['other network', elsewhere.address, PORT],
    ['metadata', '169.254.169.254', 80],
    ['world', '1.1.1.1', 443],
    ['itself', '127.0.0.1', hostPort],
  ]

  const exit = await bench.run(`const TARGETS = ${JSON.stringify(targets)}\n${WALLS}`, { policy })
  neighbour.kill({ kind: 'cancelled', reason: null, message: 'seen enough' })
  await neighbour.finished
  server.close()
  const seen = JSON.parse(Buffer.from(exit.stdout).toString()) as Record<string, string>

  expect(exit.limits).toMatchObject({ policy: 'mongo-network', network })
  const { peer: answer, client, resolver, ...walls } = seen
  expect(answer).toBe('pong')
  expect(client).toMatchObject({
    errors: [0, 0, 0],
    far: peer.address,
    near: expect.stringMatching(/^\d+\./) as string,
  })
  expect(resolver).toMatch(/^(closed|E[A-Z]+|silence|rcode [1-9]\d*, 0 answers)$/)
  expect(Object.keys(walls)).toEqual(expect.arrayContaining([`host ${hosts[0]?.address}`]))
  for (const [name, how] of Object.entries(walls))
    expect(how, name).toMatch(/^(E(PERM|ACCES|NETUNREACH|HOSTUNREACH|CONNREFUSED|AFNOSUPPORT)|refused)$/)
  for (const name of ['udp', 'unix', 'six', 'listen', 'listenUnix'])
    expect(seen[name], name).toMatch(/^(EPERM|EACCES)$/)
})

test(
  'the cell attests the one interface and route, and runs a normal job to the same fingerprint',
  { timeout: 120_000 },
  async () => {
    using directory = temporaryDirectory()
    const policies = new Map(loadPolicies()).set(policy.name, policy)
    await using app = await openTestApp(directory.path, { policies })
    await writeTestCandles(app)
    await app.start()
    const run = async (name: string) => {
      const raw = { ...SUBMISSIONS.valid(), options: { policy: name } }
      const { job } = await app.jobs.submit({ owner: 'me', role: 'admin', raw, idempotency: null })
      return await waitForEnd(app, job.id)
    }

    const usual = await run('default')
    const connected = await run('mongo-network')
    const audited = await startIdle()
    const attestation = await audited.attested
    audited.kill({ kind: 'cancelled', reason: null, message: 'seen enough' })
    await audited.finished

    expect(usual.state).toBe('completed')
    expect(connected).toMatchObject({ state: 'completed', fingerprint: usual.fingerprint })
    expect(connected.outcome?.limits).toMatchObject({ policy: 'mongo-network', network })
    expect([...attestation.interfaces].sort()).toEqual(['eth0', 'lo'])
    const inward = attestation.routes.filter((route) => route !== 'eth0 0.0.0.0/0')
    expect(inward).toEqual([expect.stringMatching(/^eth0 \d+\.\d+\.\d+\.\d+\/\d+$/)])
  },
)

test.for<[string, object, string]>([
  ['that is not internal', { Driver: 'bridge' }, 'is not internal'],
  ['on which the host has an address', { Driver: 'bridge', Internal: true }, 'has an address of the host'],
])('a network %s is policy_unavailable before a container is made', async ([, options, problem]) => {
  const unfit = policyWith({ network: await createNetwork(options) }, 'mongo-network')

  await expect(bench.start({ policy: unfit })).rejects.toMatchObject({
    code: 'policy_unavailable',
    message: expect.stringContaining(problem) as string,
  })
  expect(await createPolicyCheck(bench.engine).whyUnavailable(unfit)).toMatchObject({ code: 'policy_unavailable' })
  expect(await bench.left()).toEqual([])
})

test('a second peer makes the policy unavailable until it is gone', async () => {
  const second = await startListener(network)
  const check = createPolicyCheck(bench.engine)

  await expect(bench.start({ policy })).rejects.toMatchObject({
    code: 'policy_unavailable',
    message: expect.stringMatching(/has the members .*, .* besides cells/) as string,
  })
  expect(await check.whyUnavailable(policy)).toMatchObject({ code: 'policy_unavailable' })
  await docker.getNetwork(network).disconnect({ Container: second.id, Force: true })

  expect(await check.whyUnavailable(policy)).toBeNull()
})

test('without a network, or without an engine to ask, the policy is not refused: it is made, or waited for', async () => {
  const none: SandboxPolicy = policyWith({ network: `hotcell-none-${randomBytes(4).toString('hex')}` }, 'mongo-network')

  const nowhere = connectEngine({ env: { DOCKER_HOST: 'unix:///nowhere/docker.sock' } })

  expect(await createPolicyCheck(bench.engine).whyUnavailable(none)).toBeNull()
  expect(await createPolicyCheck(nowhere).whyUnavailable(policyWith({}, 'strict'))).toBeNull()
})
