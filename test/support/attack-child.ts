/**
 * One attack without its first layer, where that layer is code of the host: a process of its own, since its sources are
 * changed while they are loaded (`ablated-sources.ts`). Exit code 0: everything was as it must be.
 */
import { join } from 'node:path'
import { PROJECT_ROOT } from '../../orchestrator-service/sandbox/image/project-root.ts'
import type { Attack } from './attack.ts'
import { openAttackBench } from './attack-bench.ts'
import { judgeAttack } from './attack-verdict.ts'

const name = process.env['HOTCELL_TEST_ATTACK'] ?? ''
const { attack } = (await import(join(PROJECT_ROOT, 'test/attacks', `${name}.ts`))) as { attack: Attack }
await using bench = await openAttackBench({ warmUp: false })
await judgeAttack(attack, bench, { ablated: true })
