import { afterAll, afterEach, expect, test } from 'vitest'
import { startCell } from '../../../orchestrator-service/sandbox/docker-driver.ts'
import { ensureImage } from '../../../orchestrator-service/sandbox/image/ensure-image.ts'
import { attestingProgram } from '../../support/attesting-program.ts'
import { openCellBench, policyWith } from '../../support/cells.ts'

const bench = openCellBench()
afterEach(async () => expect(await bench.left()).toEqual([]))
afterAll(async () => bench[Symbol.asyncDispose]())

test.for(['default', 'trusted'])(
  'the runner attests what policy %s says, and what an independent reading sees',
  async (name) => {
    const policy = policyWith({}, name)
    const { ref } = await ensureImage(bench.engine.docker)

    const runner = await startCell(bench, { policy, image: ref })
    const probe = await bench.start({ policy, image: { files: { 'main.mjs': attestingProgram('') } } })
    const said = await runner.attested
    const seen = await probe.attested
    await runner.endInput()
    const exit = await runner.finished
    await probe.finished

    expect({ ...said, engine: '' }).toEqual({ ...seen, engine: '' })
    expect(exit).toMatchObject({ cause: null, exitCode: 0, stderr: { malformedLines: 0 }, limits: { policy: name } })
    expect(JSON.parse(Buffer.from(exit.stdout).toString())).toMatchObject({
      v: 1,
      outcome: { kind: 'platform_error', reason: 'infra' },
    })
  },
)

test('host facts are masked and nothing but /tmp can be written', async () => {
  const body = `
    const look = (path) => { try { const s = fs.statSync(path); return s.isDirectory() ? fs.readdirSync(path).length : fs.readFileSync(path).length } catch (e) { return e.code } }
    const write = (path) => { try { fs.writeFileSync(path, 'x'); return 'written' } catch (e) { return e.code } }
    const facts = ['/proc/meminfo', '/proc/loadavg', '/proc/cmdline', '/proc/stat', '/proc/version', '/proc/diskstats', '/proc/interrupts', '/proc/kcore', '/proc/keys', '/proc/uptime', '/sys/devices', '/sys/class', '/sys/kernel', '/sys/firmware', '/dev/mqueue'].filter((path) => ![0, 'ENOENT', 'EACCES'].includes(look(path)))
    const writes = ['/x', '/app/x', '/node', '/etc/x', '/dev/x', '/dev/mqueue/x', '/dev/shm/x', '/proc/sys/kernel/hostname', '/proc/sysrq-trigger', '/sys/fs/cgroup/x', '/sys/fs/cgroup/memory/memory.limit_in_bytes', '/sys/fs/cgroup/memory.max', '/tmp/x'].filter((path) => write(path) === 'written')
    process.stdout.write(JSON.stringify({ facts, writes }))`

  const exit = await bench.run(body)

  expect(JSON.parse(Buffer.from(exit.stdout).toString())).toEqual({
    facts: [],
    writes: ['/tmp/x'],
  })
})

test('the walls of the allow-list hold against plain Node: no sockets, no processes, no locks', async () => {
  const body = `
    import net from 'node:net'
    import { spawnSync } from 'node:child_process'
    import dgram from 'node:dgram'
    const connect = (options) => new Promise((resolve) => { try { net.connect(options).on('error', (e) => resolve(e.code)).on('connect', () => resolve('connected')) } catch (e) { resolve(e.code) } })
    const results = {
      tcp: await connect({ host: '127.0.0.1', port: 80 }),
      unix: await connect({ path: '/var/run/docker.sock' }),
      listen: await new Promise((resolve) => net.createServer().on('error', (e) => resolve(e.code)).listen('/tmp/s', () => resolve('listening'))),
      udp: await new Promise((resolve) => { try { dgram.createSocket('udp4').on('error', (e) => resolve(e.code)).bind(0, () => resolve('bound')) } catch (e) { resolve(e.code) } }),
      spawn: spawnSync('/node', ['--version']).error?.code ?? 'spawned',
      kill: (() => { try { process.kill(1, 'SIGTERM'); return 'sent' } catch (e) { return e.code } })(),
      chmod: (() => { try { fs.writeFileSync('/tmp/c', ''); fs.chmodSync('/tmp/c', 0o777); return 'changed' } catch (e) { return e.code } })(),
      link: (() => { try { fs.symlinkSync('/etc', '/tmp/l'); return 'linked' } catch (e) { return e.code } })(),
      chroot: (() => { try { process.setuid(0); return 'root' } catch (e) { return e.code } })(),
    }
    process.stdout.write(JSON.stringify(results))`

  const exit = await bench.run(body.trim())
  const results = JSON.parse(Buffer.from(exit.stdout).toString()) as Record<string, string>

  for (const [name, code] of Object.entries(results)) expect(code, name).toMatch(/^(EPERM|EACCES|ENOENT|UNKNOWN)$/)
  expect(exit.cause).toBeNull()
})

test('threads and inodes end at their limits and the cell goes on', { timeout: 60_000 }, async () => {
  const body = `
    import { Worker } from 'node:worker_threads'
    let bytes = 0
    try { for (; bytes < 64; bytes++) fs.appendFileSync('/tmp/big', Buffer.alloc(2 ** 20)) } catch {}
    // No call that removes a file is allowed
    fs.writeFileSync('/tmp/big', '')
    let files = 0
    try { for (; files < 5000; files++) fs.writeFileSync('/tmp/f' + files, '') } catch {}
    const workers = []
    let threads = 0
    for (let i = 0; i < 100; i++) {
      const up = await new Promise((resolve) => { try { const w = new Worker('setInterval(() => {}, 1000)', { eval: true }); workers.push(w); w.on('online', () => resolve(true)).on('error', () => resolve(false)) } catch { resolve(false) } })
      if (!up) break
      threads++
    }
    fs.writeSync(1, JSON.stringify({ files, bytes, threads }))
    process.exit(0)`

  const exit = await bench.run(body.trim())
  const { files, bytes, threads } = JSON.parse(Buffer.from(exit.stdout).toString()) as Record<string, number>

  expect(files).toBeLessThan(1024)
  expect(bytes).toBeLessThanOrEqual(16)
  expect(threads).toBeGreaterThan(20)
  expect(threads).toBeLessThan(64)
})
