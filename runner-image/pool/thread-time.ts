import { readFileSync, readlinkSync } from 'node:fs'

/** Kernel ticks of /proc are 10 ms on every Linux that Node runs on (USER_HZ 100). */
const TICK_MS = 10

/** The kernel's number of the calling thread; 0 where there is no /proc. */
export function currentThreadId(): number {
  try {
    return Number(/\/task\/(\d+)$/.exec(readlinkSync('/proc/thread-self'))?.[1] ?? 0)
  } catch {
    return 0
  }
}

/** CPU time of a thread of this process in ms, user and system; null where it cannot be read. */
export function threadCpuMs(threadId: number): number | null {
  if (threadId === 0) return null
  try {
    const stat = readFileSync(`/proc/self/task/${threadId}/stat`, 'utf8')
    // The name, in parentheses, may hold anything; after it: state is field 3, utime 14, stime 15
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const ticks = Number(fields[11]) + Number(fields[12])
    return Number.isFinite(ticks) ? ticks * TICK_MS : null
  } catch {
    return null
  }
}
