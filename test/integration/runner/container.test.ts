import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureImage } from '../../../orchestrator-service/sandbox/image/ensure-image.ts'
import { loadPolicies } from '../../../orchestrator-service/sandbox/policy.ts'
import { buildSeccompJson } from '../../../orchestrator-service/sandbox/seccomp-profile.ts'
import { connectEngine } from '../../../orchestrator-service/sandbox/docker-client.ts'
import type { CellEvent } from '../../../src/protocol/events.ts'
import type { RunnerResult } from '../../../src/protocol/runner-result.ts'
import { judgeClaim } from '../../support/judge-claim.ts'
import { encodeInput, makeFileConfig, makeHeader, makeRunConfig } from '../../support/runner-program.ts'
import { makeWalk } from '../../support/sample-series.ts'

/** Frames piped by hand into the sealed image: `docker run -i IMAGE < frames`. */
let image = ''
let directory = ''
let seccomp = ''
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'hotcell-runner-'))
  seccomp = join(directory, 'seccomp.json')
  const policy = loadPolicies().get('default')!
  const architecture = process.arch === 'arm64' ? 'arm64' : 'x64'
  writeFileSync(seccomp, buildSeccompJson(policy.seccomp, { architecture, enosysAction: 'SCMP_ACT_ERRNO' }))
  image = (await ensureImage(connectEngine().docker)).ref
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const SEALED = `--rm -i --network none --read-only --tmpfs /tmp:rw,noexec,nosuid,nodev,size=16m --ipc none --cap-drop ALL
  --security-opt no-new-privileges --pids-limit 64 --memory 2g --memory-swap 2g --cpus 1 --user 65534:65534 --env TZ=UTC`

async function runInContainer(
  input: readonly Uint8Array[],
): Promise<{ code: number | null; events: CellEvent[]; result: RunnerResult }> {
  const args = ['run', ...SEALED.split(/\s+/), '--security-opt', `seccomp=${seccomp}`, image]
  const child = spawn('docker', args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
  child.stdin.on('error', () => {})
  for (const chunk of input) child.stdin.write(chunk)
  child.stdin.end()
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  const lines = Buffer.concat(stderr).toString().split('\n')
  return {
    code,
    events: lines.filter((line) => line !== '').map((line) => JSON.parse(line) as CellEvent),
    result: JSON.parse(Buffer.concat(stdout).toString()) as RunnerResult,
  }
}

const SERIES = makeWalk({ symbol: 'AAA', rows: 5000 })

describe('the runner in its image', () => {
  it('runs a TypeScript strategy from frames to a document', async () => {
    const source = `import { BaseStrategy, type Decision, type DecisionContext } from 'hotcell'
export default class S extends BaseStrategy<{ n: number }> {
  static params = { n: { type: 'integer', default: 10 } }
  decide({ index }: DecisionContext): Decision | null {
    if (index === 0) console.log('hello', 2 ** 0.5)
    return index % this.params.n === 0 ? { signal: 'BUY', tpPct: 1 } : null
  }
}`
    const { code, events, result } = await runInContainer(encodeInput(makeHeader(makeFileConfig(source)), [SERIES]))

    expect(code).toBe(0)
    expect(result.outcome).toMatchObject({ kind: 'ok' })
    expect(result.decisions!.rows).toBe(500)
    expect(events.map((event) => event.type).slice(0, 3)).toEqual(['attestation', 'accepted', 'log'])
  })

  it('runs a built-in and attests the walls around it', async () => {
    const config = makeRunConfig({ strategy: { builtin: 'SmaCrossover', params: { fast: 10, slow: 30 } } })
    const { events, result } = await runInContainer(encodeInput(makeHeader(config), [SERIES]))

    expect(result.outcome).toMatchObject({ kind: 'ok' })
    expect(events[0]).toMatchObject({
      attestation: {
        uid: 65_534,
        gid: 65_534,
        capabilities: Array.from({ length: 5 }, () => '0000000000000000'),
        seccomp: 2,
        noNewPrivs: 1,
        rootReadOnly: true,
        interfaces: ['lo'],
        memoryBytes: 2_147_483_648,
        swapBytes: 0,
        pids: 64,
        cpuQuota: 100_000,
        cpuPeriod: 100_000,
        pid: 1,
      },
    })
  })

  it('asks policies of the user in a realm of phase 2', async () => {
    const source = `export class Half { size(meta, action, view) { return view.equity / 2 / meta.close } }
export const fee = ({ notional, kind }) => (kind === 'exit' ? 0 : notional * 0.001)`
    const config = makeRunConfig({
      strategy: { builtin: 'SmaCrossover', params: { fast: 10, slow: 30 } },
      files: [{ path: 'policies.ts', source }],
      sizing: { module: 'policies.ts', class: 'Half', params: {} },
      fee: { module: 'policies.ts', function: 'fee' },
    })
    const { result } = await runInContainer(encodeInput(makeHeader(config), [SERIES]))

    expect(result.outcome).toMatchObject({ kind: 'ok' })
    const { verdict } = judgeClaim(config, result, { series: [SERIES], instruments: [null] })
    expect(verdict).toMatchObject({ type: 'verified', run: { askedPorts: ['fee', 'sizing'] } })
  })

  it('leaves although a realm of it never ends', async () => {
    const source = `import { BaseStrategy } from 'hotcell'
export default class S extends BaseStrategy { decide() { for (;;) try { console.log('x'.repeat(9000)) } catch {} } }`
    const limits = { ...makeHeader(makeRunConfig({})).limits, logBytes: 200_000 }
    const { code, result } = await runInContainer(encodeInput(makeHeader(makeFileConfig(source), { limits }), [SERIES]))

    expect(code).toBe(0)
    expect(result.outcome).toMatchObject({ kind: 'limit_exceeded', reason: 'output' })
  })

  it('ends at once on empty input', async () => {
    const { code, result } = await runInContainer([])

    expect(code).toBe(0)
    expect(result.outcome).toMatchObject({ kind: 'platform_error', reason: 'infra' })
  })
})
