import assert from 'node:assert/strict'
import type { Attack, CellAblation, CellAttack } from './attack.ts'

/** How an attack ends under gVisor where that is not how it ends under runc. */
interface RunscOutcome {
  readonly why: string
  readonly changes?: Partial<Pick<CellAttack, 'expect' | 'policy' | 'check' | 'maxMs'>>
  /** Of the run without its first layer. */
  readonly ablated?: Partial<Pick<CellAblation, 'expect' | 'check'>>
}

const MIB = 2 ** 20
const nothing = (): void => {}

/** The root is read-only there too; gVisor looks at the rights of its directory first. */
const READ_ONLY =
  'its kernel looks at the rights of the root before it sees that it is read-only: EACCES in the place of EROFS'

export const RUNSC_OUTCOMES: Readonly<Record<string, RunscOutcome>> = {
  '02-raw-fork-bomb': {
    why: 'without the list its forks take the threads of the sandbox, which then says nothing more',
    changes: { policy: { noEventTimeMs: 5000 } },
    ablated: { expect: { kind: 'limit_exceeded', reason: 'no_event' } },
  },
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
  '69-dlopen': {
    why: READ_ONLY,
    changes: {
      check: ({ report }) => assert.deepEqual(report, { loaded: 'not mapped', child: 'EPERM', root: 'EACCES' }),
    },
    ablated: {
      check: ({ report }) => assert.deepEqual(report, { loaded: true, child: 'EPERM', root: 'EACCES' }),
    },
  },
  '73-x32-call': {
    why: 'it has no table of x32: the call is refused as any number that is not in the list, and the program goes on to its end',
    changes: { expect: { kind: 'platform_error', reason: 'protocol' }, check: nothing },
  },
  '76-proc-memory': {
    why: 'number 2 is a thread of the program itself there, whose first page is not mapped: EIO in the place of ENOENT',
    changes: {
      check({ report }) {
        assert.deepEqual([report['pids'], report['self'], report['readable']], [['1'], 1, []])
        assert.equal(report['jumped'], 'EIO')
      },
    },
    ablated: {
      // Its processes are its own, whatever name space the engine gives it
      check: ({ report }) => assert.deepEqual([report['pids'], report['readable']], [['1'], []]),
    },
  },
  '77-host-facts': {
    why: 'its /proc and /sys are those of its own kernel, which the masks of the engine do not reach: what is read there is not of the host',
    changes: {
      check({ report }) {
        const { leaks, ...others } = report
        assert.ok(!(leaks as string[]).includes('diskstats'))
        assert.deepEqual(others, {
          environment: ['HOME', 'HOSTNAME', 'MALLOC_ARENA_MAX', 'PATH', 'TZ'],
          hostname: 'cell',
          interfaces: [],
          user: 65_534,
        })
      },
    },
  },
  '79-raw-bindings': {
    why: READ_ONLY,
    changes: {
      check({ report }) {
        assert.notEqual(report['listen'], 0)
        assert.deepEqual([report['connected'], report['root']], ['EPERM', 'EACCES'])
      },
    },
    ablated: {
      check: ({ report }) => assert.deepEqual([report['connected'], report['root']], ['ECONNREFUSED', 'EACCES']),
    },
  },
  '90-tracing': {
    why: 'there is no other program in its kernel: process 2 is a thread of this one, of whose memory it may read',
    ablated: {
      check({ report }) {
        assert.equal(report['own'], 4)
        for (const name of ['seize', 'attach', 'pidfd']) assert.ok(Number(report[name]) < 0, name)
      },
    },
  },
  '95-rings-and-faults': {
    why: READ_ONLY,
    changes: {
      check: ({ report }) => assert.deepEqual(report, { kernelFaults: -1, ring: -38, root: 'EACCES', userFaults: -1 }),
    },
    ablated: {
      check({ report }) {
        assert.ok(Number(report['kernelFaults']) < 0)
        assert.equal(report['root'], 'EACCES')
      },
    },
  },
  '98-int-80': {
    why: 'it has no 32-bit table: the interrupt does nothing, and the program goes on to its end',
    changes: { expect: { kind: 'platform_error', reason: 'protocol' }, check: nothing },
  },
  '102-cgroup-escape': {
    why: 'root writes to the cgroup files of its own kernel, which are in memory; those of the host are not there',
    ablated: {
      check: ({ report }) => assert.ok(!(report['written'] as string[]).some((path) => path.endsWith('release_agent'))),
    },
  },
  '105-priority': {
    why: 'its kernel keeps priorities for itself: it says yes, and the host sees nothing of it',
    ablated: {
      check({ report }) {
        for (const name of ['realTime', 'disk', 'lock']) assert.ok(Number.isInteger(report[name]), name)
      },
    },
  },
}

export function underRunsc(attack: Attack): Attack {
  const other = RUNSC_OUTCOMES[attack.name]
  if (other === undefined || !isCellAttack(attack)) return attack
  const { ablated } = attack
  return {
    ...attack,
    ...other.changes,
    ...(ablated === undefined ? {} : { ablated: { ...ablated, ...other.ablated } }),
  }
}

function isCellAttack(attack: Attack): attack is CellAttack {
  return attack.where === 'open' || attack.where === 'realm' || attack.where === 'runner'
}
