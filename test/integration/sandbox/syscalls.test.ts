import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rulesOn } from '../../../orchestrator-service/sandbox/seccomp-profile.ts'
import { openCellBench, policyWith } from '../../support/cells.ts'
import { FORBIDDEN_FAMILIES } from '../../support/syscall-families.ts'
import { nameOf, SYSCALL_NUMBERS } from '../../support/syscall-numbers.ts'
import { answerOf, callAll, callInThread } from '../../support/syscall-probe.ts'
import { TEST_RUNTIME } from '../../support/test-runtime.ts'

/*
 * What the kernel answers in a cell of policy `default`, call by call, made directly. The filter answers before the kernel
 * looks at an argument, so a forbidden call is tried with any; an allowed one is tried with arguments that it refuses.
 */
const EPERM = -1
const ENOSYS = -38
const ENXIO = -6
const SIGILL_EXIT = 132
/** The first number that no kernel knew when this was written, and some far above. */
const HIGHEST = 480
const FAR = [512, 547, 1000, 4095, 65_536, 0x3fff_ffff]
/**
 * uretprobe and uprobe: traps of the kernel's own probes, which newer kernels let through every filter. A caller that did
 * not come from a probe gets SIGILL.
 */
const PROBES = [335, 336]
/** Allowed, and not survived or not told apart from a refusal with arguments of -1. */
const CAREFUL: Readonly<Record<string, readonly number[] | null>> = {
  exit: null,
  exit_group: null,
  rt_sigreturn: null,
  execve: [0, 0, 0],
  futex: [0, 1],
  mmap: [0, 0],
}

/** Allowed, and not there. */
const UNKNOWN_TO_GVISOR = ['rseq']

const bench = openCellBench()
const rules = rulesOn(policyWith().seccomp, 'x64')
const allowed = new Set(rules.filter(({ action }) => action === 'SCMP_ACT_ALLOW').flatMap(({ names }) => names))
const filtered = new Set(rules.filter(({ args }) => args !== undefined).flatMap(({ names }) => names))
const absent = new Set(rules.filter(({ errnoRet }) => errnoRet === 38).flatMap(({ names }) => names))
/** Above the highest number that the profile names runc answers as a kernel that does not know the call. */
const known = Math.max(...rules.flatMap(({ names }) => names.map((name) => SYSCALL_NUMBERS.get(name) ?? 0)))

function refusalOf(number: number): number {
  if (absent.has(nameOf(number))) return ENOSYS
  return number > known && TEST_RUNTIME !== 'runsc' ? ENOSYS : EPERM
}

function numberOf(name: string): number {
  const number = SYSCALL_NUMBERS.get(name)
  if (number === undefined) throw new Error(`No system call ${name}`)
  return number
}

async function ask(calls: readonly (readonly [number, ...number[]])[]): Promise<number[]> {
  return answerOf(await bench.run(callAll(calls))) as number[]
}

afterAll(async () => bench[Symbol.asyncDispose]())

test('every rule names system calls that there are', () => {
  for (const name of [...allowed, ...absent]) expect(SYSCALL_NUMBERS.has(name), name).toBe(true)
})

test('of all numbers exactly the listed ones reach the kernel', { timeout: 60_000 }, async () => {
  const numbers = [...Array.from({ length: HIGHEST }, (_, number) => number), ...FAR]
  const tried = numbers.filter((number) => !PROBES.includes(number))
  const calls = tried.flatMap((number): [number, ...number[]][] => {
    const name = nameOf(number)
    const values = allowed.has(name) ? CAREFUL[name] : []
    return values === null ? [] : [[number, ...(values ?? [-1, -1, -1, -1, -1, -1])]]
  })

  const answers = await ask(calls)

  expect(answers).toHaveLength(calls.length)
  const wrong = calls.flatMap(([number], index) => {
    const answer = answers[index]!
    const name = nameOf(number)
    // With these arguments no rule of a filtered call lets it through
    const expected = allowed.has(name) && !filtered.has(name) ? null : refusalOf(number)
    const unknown = UNKNOWN_TO_GVISOR.includes(name) && TEST_RUNTIME === 'runsc'
    const answered = answer !== EPERM && (answer !== ENOSYS || unknown)
    const right = expected === null ? answered : answer === expected
    return right ? [] : [`${name} (${number}): ${answer}, expected ${expected ?? 'an answer of the kernel'}`]
  })
  expect(wrong).toEqual([])
})

describe('the allow-list keeps a cell from', () => {
  const cases = Object.entries(FORBIDDEN_FAMILIES).map(
    ([family, calls]) => [family, calls.map((call) => (typeof call === 'string' ? ([call] as const) : call))] as const,
  )
  let answers: number[]

  beforeAll(async () => {
    answers = await ask(cases.flatMap(([, calls]) => calls.map(([name, ...values]) => [numberOf(name), ...values])))
  }, 60_000)

  test.for(cases)('%s', ([family, calls], { expect }) => {
    const before = cases
      .slice(
        0,
        cases.findIndex(([name]) => name === family),
      )
      .flatMap(([, list]) => list).length
    const seen = calls.map(([name, ...values], index) => [name, ...values, answers[before + index]])

    expect(seen).toEqual(calls.map((call) => [...call, refusalOf(numberOf(call[0]))]))
  })
})

test.for(PROBES)(
  'number %s, which kernels keep from filters, does nothing for a cell',
  { timeout: 60_000 },
  async (number) => {
    const exit = await bench.run(callAll([[number]]))

    if (exit.exitCode === 0) expect(answerOf(exit)).toEqual([expect.toBeOneOf([EPERM, ENOSYS, ENXIO])])
    else expect(exit.exitCode).toBe(SIGILL_EXIT)
  },
)

test('the probe of the next tests hears of a call that is allowed', { timeout: 60_000 }, async () => {
  expect(answerOf(await bench.run(callInThread('syscall', 39)))).toBe(1)
})

test.for([
  ['x32', 'syscall', 0x4000_0000 + 39],
  ['i386 (int 0x80)', 'int80', 20],
] as const)(
  'a call of the table of %s does nothing, but ends the thread that makes it',
  { timeout: 60_000 },
  async ([, entry, number]) => {
    // gVisor has no second table: it refuses the number as any other
    const expected = TEST_RUNTIME === 'runsc' ? EPERM : null
    expect(answerOf(await bench.run(callInThread(entry, number)))).toBe(expected)
  },
)

test('leaves no cell', async () => {
  expect(await bench.left()).toEqual([])
})
