/**
 * Technique: puts 50 MB of texts that no decision uses into its decision log.
 * Expected: platform_error(protocol).
 * Stopped by: byte cap of stdout (64 MiB), and a bound on every text. Behind it: the verification thread has a memory limit and a deadline.
 * Without the bound on texts: ok.
 */
import type { CellAttack } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'

export const attack: CellAttack = {
  name: '84-text-bomb',
  where: 'open',
  family: 'submissions',
  technique: 'puts 50 MB of texts that no decision uses into its decision log',
  stoppedBy: 'byte cap of stdout (64 MiB), and a bound on every text',
  behind: 'the verification thread has a memory limit and a deadline',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`attack.accept()
const series = attack.readSeries()
const result = attack.forgeResult(attack.header, series, [{ unit: 0, bar: 50, symbol: 0, sequence: 0, signal: 'BUY' }])
const strings = Array.from({ length: 500 }, (_, i) => String(i % 10).repeat(100_000))
attack.writeAll(1, JSON.stringify({ ...result, decisions: { ...result.decisions, strings } }))
process.exit(0)
`,
  ablated: {
    off: 'the bound on texts',
    expect: { kind: 'ok', reason: null },
    verifier: {
      'src/protocol/runner-result.ts': replaceOnce(
        'strings: Type.Array(Type.String({ maxLength: 4096 })',
        'strings: Type.Array(Type.String()',
      ),
    },
  },
}
