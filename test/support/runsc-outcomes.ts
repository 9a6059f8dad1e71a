import type { Attack, CellAttack } from './attack.ts'

/** How an attack ends under gVisor where that is not how it ends under runc. */
interface RunscOutcome {
  readonly why: string
  readonly changes: Partial<Pick<CellAttack, 'expect' | 'policy' | 'check' | 'maxMs'>>
}

const MIB = 2 ** 20
const nothing = (): void => {}

export const RUNSC_OUTCOMES: Readonly<Record<string, RunscOutcome>> = {
  '03-thread-bomb': {
    why: 'the sandbox itself does not survive a refused thread: it may be gone before the host kills it',
    changes: { check: nothing },
  },
  '08-tmp-bomb': {
    why: 'its tmpfs has a limit of bytes and none of inodes: empty files end at the memory limit of the cell',
    changes: {
      policy: { memoryBytes: 256 * MIB },
      expect: { kind: 'limit_exceeded', reason: 'memory' },
      check: nothing,
      maxMs: 120_000,
    },
  },
}

export function underRunsc(attack: Attack): Attack {
  const other = RUNSC_OUTCOMES[attack.name]
  return other === undefined || !isCellAttack(attack) ? attack : { ...attack, ...other.changes }
}

function isCellAttack(attack: Attack): attack is CellAttack {
  return attack.where === 'open' || attack.where === 'realm' || attack.where === 'runner'
}
