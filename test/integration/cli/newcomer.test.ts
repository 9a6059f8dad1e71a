import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import { PROJECT_ROOT } from '../../../orchestrator-service/sandbox/image/project-root.ts'

const SCRIPT = join(PROJECT_ROOT, 'examples/api/newcomer.sh')

async function runScript(timeoutMs: number): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return await new Promise((resolve, reject) => {
    const child = spawn('bash', [SCRIPT], { stdio: ['ignore', 'pipe', 'pipe'] })
    const timer = setTimeout(() => child.kill('SIGTERM'), timeoutMs)
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve({ code, stdout, stderr })
    })
  })
}

describe('examples/api/newcomer.sh', () => {
  it('goes the whole way of a newcomer: service, key, run, downloads, cancel, list', async ({ expect }) => {
    const { code, stdout, stderr } = await runScript(170_000)

    expect(stderr).not.toContain('error')
    expect(code).toBe(0)
    const [first, second] = [...stdout.matchAll(/^(r-[a-z2-7]{16})/gm)].map(([, id]) => id)
    expect(stdout).toMatch(/^outcome ok, final equity 115128\.\d+$/m)
    expect(stdout).toMatch(/^48 trades$/m)
    expect(stdout).toContain(`${second} is cancelled`)
    const listed = stdout.slice(stdout.indexOf('== Both'))
    expect(listed).toMatch(new RegExp(`^${second} .* cancelled .*\\n${first} .* completed .*desk=newcomer$`, 'm'))
    if (stdout.includes('left out: ')) console.log(/left out: .*/.exec(stdout)?.[0])
    else expect(stdout).toMatch(/^2140 rows: time, equity, benchmark$/m)
    expect(stdout.trimEnd()).toMatch(/\ndone$/)
  })
})
