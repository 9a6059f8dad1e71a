/* Beside no wire schema: cells read this in every thread, and schemas take memory there. */
/** Different answers that are no numbers, of all ports together. */
export const MAX_ANSWER_TEXTS = 100_000
