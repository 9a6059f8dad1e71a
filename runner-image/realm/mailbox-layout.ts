/**
 * The mailbox of a strategy thread: one SharedArrayBuffer that the supervisor reads and the thread (worker and realm)
 * writes, so that progress, watchdog and logs cross no border. Words 0-15 are Int32, then Float64, then the log ring.
 */
export const MAILBOX_STATE = 0
/** Row, or call number, that the strategy is at: the watchdog sees whether it moves. */
export const MAILBOX_ROW = 1
export const MAILBOX_ROWS = 2
/** Log ring counters in UTF-16 units, modulo 2^32: written by the realm, read by the supervisor. */
export const MAILBOX_HEAD = 3
export const MAILBOX_TAIL = 4
/** Set by the supervisor when another unit has failed: the loop ends at its next bar. */
export const MAILBOX_STOP = 5
/** The kernel's number of the thread, 0: unknown. */
export const MAILBOX_THREAD = 6

/** Index into the Float64 view of the whole buffer: time of the bar at MAILBOX_ROW. */
export const MAILBOX_BAR_TIME = 8

export const MAILBOX_RING_OFFSET = 128
/** A power of two. */
export const MAILBOX_RING_UNITS = 131_072
export const MAILBOX_BYTES = MAILBOX_RING_OFFSET + 2 * MAILBOX_RING_UNITS

/** What the thread is doing; user code runs in `loading` and `deciding` only. */
export const THREAD_STATES = { idle: 0, loading: 1, deciding: 2, computing: 3 } as const

/** Units in front of each log entry: level, has time, 4 of the time, 2 of the text length, 2 of the fields length. */
export const LOG_ENTRY_HEAD = 10
export const MAX_LOG_TEXT = 16_384
export const MAX_LOG_FIELDS = 8192
