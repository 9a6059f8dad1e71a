/**
 * Technique: puts markup and scripts into names, labels, logs and decisions, for the browser of whoever opens the report.
 * Expected: harmless.
 * Stopped by: every value is escaped where a page is made. Behind it: the policy of the page runs one script, known by its hash, in an origin of its own.
 * Without the escaping of markup: harmless.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { ClientAttack } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'
import { type AttackedService, backtestOf, HARMLESS } from '../support/attack-client.ts'

const EVIL = '<img src=x onerror=alert(1)></script><script>alert(2)</script>'
const SOURCE = `import { BaseStrategy } from 'hotcell'
export default class Report extends BaseStrategy {
  decide(context) {
    if (context.index % 40 === 0) console.log(${JSON.stringify(EVIL)})
    return context.index % 50 === 10 ? { signal: 'BUY', strategyName: ${JSON.stringify(EVIL)}, meta: { note: ${JSON.stringify(EVIL)} } } : null
  }
}
`

async function reportOf(service: AttackedService): Promise<{ text: string; headers: Headers }> {
  const body = backtestOf(SOURCE, { options: { labels: { [EVIL]: EVIL } }, args: { [EVIL]: EVIL }, seed: EVIL })
  const { json, text } = await service.request('POST', '/v1/backtests', { body })
  assert.equal(typeof json['id'], 'string', text)
  const id = String(json['id'])
  assert.equal((await service.waitForEnd(id, service.keys.mallory))['state'], 'completed')
  return await service.request('GET', `/v1/backtests/${id}/report.html`, { secret: service.keys.admin })
}

/** The one script that may run is not the attacker's. */
function holdPolicy(text: string, headers: Headers): void {
  const policy = headers.get('content-security-policy') ?? ''
  assert.match(policy, /sandbox allow-scripts; default-src 'none'; script-src 'sha256-[^']+';/)
  assert.equal(headers.get('x-content-type-options'), 'nosniff')
  for (const [, script] of text.matchAll(/<script>([^]*?)<\/script>/g))
    if (script!.includes('alert(')) assert.ok(!policy.includes(createHash('sha256').update(script!).digest('base64')))
}

export const attack: ClientAttack = {
  name: '131-report-scripts',
  where: 'client',
  family: 'service',
  technique:
    'puts markup and scripts into names, labels, logs and decisions, for the browser of whoever opens the report',
  stoppedBy: 'every value is escaped where a page is made',
  behind: 'the policy of the page runs one script, known by its hash, in an origin of its own',
  expect: { kind: 'harmless', reason: null },
  run: async (service) => {
    const { text, headers } = await reportOf(service)
    assert.ok(text.includes('&lt;img src=x'))
    assert.ok(!text.includes('<img src=x'))
    assert.ok(!text.includes('<script>alert'))
    holdPolicy(text, headers)
    return HARMLESS
  },
  ablated: {
    off: 'the escaping of markup',
    expect: { kind: 'harmless', reason: null },
    host: {
      'orchestrator-service/results/report/html.ts': replaceOnce(
        'replace(/[&<>"\']/g, (character) => ENTITIES[character]!)',
        "replace(/[&]/g, () => ENTITIES['&']!)",
      ),
    },
    run: async (service) => {
      const { text, headers } = await reportOf(service)
      assert.ok(text.includes('<img src=x'))
      holdPolicy(text, headers)
      return HARMLESS
    },
  },
}
