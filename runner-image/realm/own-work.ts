import { MAILBOX_STATE, THREAD_STATES } from './mailbox-layout.ts'

/**
 * Work of the engine's own in the middle of a bar or of the loading, such as a column of millions of rows that is made when a strategy first
 * reads it: the watchdog must not put its time down to the strategy. No code of a user runs within it.
 */
const mailbox = { words: new Int32Array(16) as Int32Array }

export function openOwnWork(buffer: SharedArrayBuffer): void {
  mailbox.words = new Int32Array(buffer, 0, 16)
}

export function ownWork<T>(action: () => T): T {
  const { words } = mailbox
  const before = words[MAILBOX_STATE]!
  words[MAILBOX_STATE] = THREAD_STATES.computing
  try {
    return action()
  } finally {
    words[MAILBOX_STATE] = before
  }
}
