/** How much of each kind a stream of frames may have; what comes is checked against them before memory is taken for it. */
export interface FrameLimits {
  readonly headerBytes: number
  readonly descriptorBytes: number
  readonly seriesCount: number
  /** Bytes of all series' columns together. */
  readonly columnBytes: number
  /** Slices of a look-ahead proof; 0: none is expected. */
  readonly slices: number
  /** Frames of questions of a look-ahead proof; 0: none is expected. */
  readonly questions: number
  readonly questionBytes: number
  /** Bytes of all checkpoints of an earlier attempt; 0: none is expected. */
  readonly checkpointBytes: number
}

export const DEFAULT_FRAME_LIMITS: FrameLimits = {
  headerBytes: 16_777_216,
  descriptorBytes: 4096,
  // Each of 500 symbols with candles, marks, funding and detail candles
  seriesCount: 2000,
  columnBytes: 17_179_869_184,
  slices: 0,
  questions: 0,
  questionBytes: 0,
  checkpointBytes: 0,
}
