import type { FuzzTarget } from '../fuzz-target.ts'
import { demuxTarget } from './demux.ts'
import { eventsTarget } from './events.ts'
import { framesTarget } from './frames.ts'
import { resultTarget } from './result.ts'

export const FUZZ_TARGETS = {
  demux: demuxTarget,
  frames: framesTarget,
  result: resultTarget,
  events: eventsTarget,
} as const satisfies Record<string, FuzzTarget>

export type FuzzTargetName = keyof typeof FUZZ_TARGETS
