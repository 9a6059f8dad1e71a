import type { JobProgress } from '../../src/protocol/job.ts'

const WIDTH = 28
const PHASE_TEXT = { load: 'load   ', decide: 'decide ', execute: 'execute' } as const

function formatLine(event: JobProgress): string {
  const share = event.total > 0 ? Math.min(1, event.done / event.total) : 0
  const filled = Math.round(share * WIDTH)
  const bar = '█'.repeat(filled) + '░'.repeat(WIDTH - filled)
  const time = event.barTime === null ? '' : `  ${new Date(event.barTime).toISOString().slice(0, 16).replace('T', ' ')}`
  return `${PHASE_TEXT[event.phase]} ${bar} ${String(Math.round(share * 100)).padStart(3)} %${time}`
}

export interface ProgressView {
  show(event: JobProgress): void
  note(text: string): void
  end(): void
}

/** A bar that redraws itself on a terminal; elsewhere a line a second, so that logs stay readable. */
export function createProgressView(stream: NodeJS.WriteStream, now: () => number): ProgressView {
  let last = -Infinity
  let drawn = false
  const clear = (): void => {
    if (drawn) stream.write('\r\u001b[K')
    drawn = false
  }
  return {
    show(event) {
      const interval = stream.isTTY ? 50 : 1000
      if (now() - last < interval) return
      last = now()
      if (stream.isTTY) {
        stream.write(`\r\u001b[K  ${formatLine(event)}`)
        drawn = true
      } else {
        stream.write(`  ${formatLine(event)}\n`)
      }
    },
    note(text) {
      clear()
      stream.write(`${text}\n`)
    },
    end: clear,
  }
}
