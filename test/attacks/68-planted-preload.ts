/**
 * Technique: plants a module in /tmp and starts the runner again under NODE_OPTIONS, so that it loads before it and patches what it writes.
 * Expected: platform_error(protocol).
 * Stopped by: a cell attests once: a second attestation ends it. Behind it: the host plays the decision log again on its own candles.
 * Single layer: a runner that was started again has no input: the first one has read it.
 */
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '68-planted-preload',
  where: 'open',
  family: 'integrity',
  technique:
    'plants a module in /tmp and starts the runner again under NODE_OPTIONS, so that it loads before it and patches what it writes',
  stoppedBy: 'a cell attests once: a second attestation ends it',
  behind: 'the host plays the decision log again on its own candles',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`import fs from 'node:fs'
fs.writeFileSync('/tmp/preload.cjs', "const { stringify } = JSON; JSON.stringify = (value, ...rest) => stringify(value && value.equityHash ? { ...value, equityHash: 'f'.repeat(64) } : value, ...rest)")
process.execve('/node', ['/node', '--no-node-snapshot', '/app/main.mjs'], { ...process.env, NODE_OPTIONS: '--require=/tmp/preload.cjs' })
`,
  singleLayer: 'a runner that was started again has no input: the first one has read it',
}
