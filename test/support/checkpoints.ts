import type { CellEvent } from '../../src/protocol/events.ts'

type Part = Extract<CellEvent, { type: 'checkpoint' }>

/** The checkpoints of which every part has come, in their order, as bytes. */
export function wholeCheckpoints(events: readonly CellEvent[]): Uint8Array[] {
  const whole: Uint8Array[] = []
  let parts: Part[] = []
  for (const event of events) {
    if (event.type !== 'checkpoint') continue
    parts = event.part === 0 ? [event] : [...parts, event]
    if (parts.length === event.parts) whole.push(Buffer.concat(parts.map(({ data }) => Buffer.from(data, 'base64'))))
  }
  return whole
}
