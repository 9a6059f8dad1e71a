/**
 * Theory of operation. Reads the kernel's trace of one engine's containers line by line: every entry into a system call
 * (`raw_syscalls:sys_enter`), every end with EPERM or ENOSYS (`sys_exit`, filtered) and every new thread
 * (`sched_process_fork`). Answers with the calls that were made under a seccomp filter.
 *
 * The kernel asks seccomp before it traces the entry: an entry is a call that the filter let through, and an end without an
 * entry before it is one that the filter refused. A filter begins with the call that installs it, for the thread that
 * makes it and for those that it starts; runc's other threads end when it executes the container's program. What comes
 * between is runc's own.
 */
export interface SeenCall {
  readonly number: number
  /** Of an allowed call; the kernel does not tell those of a refused one. */
  readonly args: readonly number[] | null
  /** Name of the thread, or `runc` before the container's program is executed. */
  readonly by: string
  /** Text of the latest marker. */
  readonly item: string
}

const LINE = /^\s*(.+?)-(\d+)\s+\[\d+\].*?:\s(sys_enter|sys_exit|sched_process_fork|tracing_mark_write):\s(.*)$/
const ENTER = /^NR (\d+) \((.*)\)$/
const EXIT = /^NR (\d+) = /
const FORK = /child_pid=(\d+)/
const [EXECVE, PRCTL, SECCOMP, PR_SET_SECCOMP, SET_MODE_FILTER] = [59, 157, 317, 22, 1]

/** One marker a line: `item NAME`. */
export const MARKER = 'item '

interface Thread {
  executed: boolean
  /** Number of the call that it is in. */
  inside: number | null
}

export function createEventReader(onCall: (call: SeenCall) => void): { readLine(line: string): void } {
  const filtered = new Map<string, Thread>()
  let item = ''

  const enter = (comm: string, pid: string, text: string): void => {
    const [, number, list = ''] = ENTER.exec(text) ?? []
    if (number === undefined) return
    const args = list.split(', ').map((value) => Number.parseInt(value, 16))
    const call = Number(number)
    const thread = filtered.get(pid)
    if (thread === undefined) {
      if (installsFilter(call, args)) filtered.set(pid, { executed: false, inside: call })
      return
    }
    onCall({ number: call, args, by: thread.executed ? comm : 'runc', item })
    thread.inside = call
    thread.executed ||= call === EXECVE
  }
  const leave = (comm: string, pid: string, text: string): void => {
    const thread = filtered.get(pid)
    const number = Number(EXIT.exec(text)?.[1] ?? 'x')
    if (thread === undefined || Number.isNaN(number)) return
    if (thread.inside !== number) onCall({ number, args: null, by: thread.executed ? comm : 'runc', item })
    thread.inside = null
  }
  return {
    readLine(line) {
      const [, comm = '', pid = '', kind, text = ''] = LINE.exec(line) ?? []
      if (kind === 'sys_enter') enter(comm, pid, text)
      else if (kind === 'sys_exit') leave(comm, pid, text)
      else if (kind === 'tracing_mark_write' && text.startsWith(MARKER)) item = text.slice(MARKER.length).trim()
      else if (kind === 'sched_process_fork') {
        const parent = filtered.get(pid)
        const child = FORK.exec(text)?.[1]
        if (child === undefined) return
        // Numbers are used again
        filtered.delete(child)
        if (parent !== undefined) filtered.set(child, { executed: parent.executed, inside: null })
      }
    },
  }
}

function installsFilter(number: number, args: readonly number[]): boolean {
  if (number === PRCTL) return args[0] === PR_SET_SECCOMP
  return number === SECCOMP && args[0] === SET_MODE_FILTER && args[2] !== 0
}
