import { expect, test } from 'vitest'
import { createEventReader, type SeenCall } from '../../trace/syscall-events.ts'

const enter = (comm: string, pid: number, number: number, ...args: string[]) =>
  `  ${comm}-${pid}  [001] .....  10.000001: sys_enter: NR ${number} (${[...args, '0', '0', '0', '0', '0', '0'].slice(0, 6).join(', ')})`
const leave = (comm: string, pid: number, number: number, result: number) =>
  `  ${comm}-${pid}  [000] .....  10.000002: sys_exit: NR ${number} = ${result}`
const fork = (comm: string, pid: number, child: number) =>
  `  ${comm}-${pid}  [000] .....  10.000003: sched_process_fork: comm=${comm} pid=${pid} child_comm=${comm} child_pid=${child}`
const mark = (text: string) => `  node-1  [000] .....  10.000004: tracing_mark_write: ${text}`
const FILTER = enter('runc:[2:INIT]', 40, 157, '16', '2', 'c000')

function read(lines: readonly string[]): SeenCall[] {
  const calls: SeenCall[] = []
  const reader = createEventReader((call) => calls.push(call))
  for (const line of lines) reader.readLine(line)
  return calls
}

test('calls before the filter and of threads that it does not hold are not seen', () => {
  const calls = read([enter('runc', 30, 1), enter('runc:[2:INIT]', 40, 0), FILTER, enter('runc:[2:INIT]', 41, 202)])

  expect(calls).toEqual([])
})

test("calls are runc's own until it executes, and then those of the thread and of all that it starts", () => {
  const lines = [FILTER, enter('runc', 40, 3, '5'), enter('runc', 40, 59), enter('node', 40, 12), fork('node', 40, 50)]
  const calls = read([
    ...lines,
    enter('WorkerThread', 50, 72, '0', '3'),
    fork('WorkerThread', 50, 51),
    enter('x y-z', 51, 39),
  ])

  expect(calls.map(({ number, by }) => [number, by])).toEqual([
    [3, 'runc'],
    [59, 'runc'],
    [12, 'node'],
    [72, 'WorkerThread'],
    [39, 'x y-z'],
  ])
  expect(calls[3]?.args?.slice(0, 2)).toEqual([0, 3])
})

test('an end with EPERM without an entry is a refusal, with one it is an answer of the kernel', () => {
  const lines = [FILTER, enter('runc', 40, 59), leave('node', 40, 125, -1), enter('node', 40, 9, '0')]
  const calls = read([...lines, leave('node', 40, 9, -1), leave('node', 40, 435, -38), leave('sh', 60, 41, -1)])

  expect(calls.map(({ number, args }) => [number, args === null])).toEqual([
    [59, false],
    [125, true],
    [9, false],
    [435, true],
  ])
})

test('the filter set by seccomp(2) counts, a probe for it with no program does not', () => {
  const probe = enter('runc', 40, 317, '1', '1', '0')
  const set = enter('runc', 40, 317, '1', '4', 'c000')

  expect(read([probe, enter('runc', 40, 3)])).toEqual([])
  expect(read([probe, set, enter('runc', 40, 3)])).toHaveLength(1)
})

test('a number that is used again by a stranger is not followed', () => {
  const calls = read([FILTER, fork('runc', 40, 50), enter('runc', 50, 3), fork('sh', 70, 50), enter('sh', 50, 41)])

  expect(calls.map(({ number }) => number)).toEqual([3])
})

test('calls are counted for the item of the latest marker', () => {
  const calls = read([
    mark('item one'),
    FILTER,
    enter('runc', 40, 3),
    mark('other'),
    mark('item two'),
    enter('runc', 40, 4),
  ])

  expect(calls.map(({ item }) => item)).toEqual(['one', 'two'])
})
