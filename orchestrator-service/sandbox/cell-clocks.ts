import { type CellCause, limitCause } from './exit.ts'
import type { SandboxPolicy } from './policy.ts'

/**
 * The clocks that the host keeps of a cell. The boot time counts from the start of the container; wall time and silence
 * count from the beginning of its job, since a cell that waits for one is silent.
 */
export interface CellClocks {
  /** The job begins; `wallMs`: what is left of the wall time of one that began earlier. */
  begin(wallMs?: number): void
  /** The cell has said something. */
  heard(): void
  /** Runs something later unless the clocks are stopped before. */
  after(ms: number, run: () => void): void
  /** ms since the job began; 0 when none has. */
  wallMs(): number
  stop(): void
}

export function createCellClocks(
  policy: SandboxPolicy,
  options: { readonly onLimit: (cause: CellCause) => void; readonly onBootTime: () => void },
): CellClocks {
  const timers: NodeJS.Timeout[] = []
  let silence: NodeJS.Timeout | undefined
  let begun: number | null = null
  const after = (ms: number, run: () => void): NodeJS.Timeout => {
    const timer = setTimeout(run, ms)
    timers.push(timer)
    return timer
  }
  after(policy.bootTimeMs, options.onBootTime)
  return {
    begin(wallMs = policy.wallTimeMs) {
      begun = performance.now()
      const { wallTimeMs, noEventTimeMs } = policy
      after(wallMs, () => options.onLimit(limitCause('wall_time', `The run took longer than ${wallTimeMs} ms`)))
      silence = after(noEventTimeMs, () =>
        options.onLimit(limitCause('no_event', `The cell was silent for ${noEventTimeMs} ms`)),
      )
    },
    heard: () => void silence?.refresh(),
    after,
    wallMs: () => (begun === null ? 0 : performance.now() - begun),
    stop() {
      for (const timer of timers) clearTimeout(timer)
    },
  }
}
