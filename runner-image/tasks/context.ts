import { streamState } from '../../src/math/random.ts'
import type { RunConfig } from '../../src/protocol/run-config.ts'
import { createNodeHasher } from '../node-hasher.ts'
import type { OpenProof } from './open-proof.ts'
import type { EmptyRealm } from '../empty-realm.ts'
import type { Realm } from '../realm-host.ts'

/** What a worker thread holds for its tasks. */
export interface TaskContext {
  readonly mailbox: SharedArrayBuffer
  /** A realm for one use: the one that was made ahead, or a new one. */
  readonly takeRealm: (memoryBytes: number) => EmptyRealm
  /** Makes realms ahead, for the next that are taken. */
  readonly spareRealms: (memoryBytes: number, count: number) => void
  /** Closes a realm that has answered: at the latest before the next task, and not while somebody waits for the answer. */
  readonly retire: (realm: Realm) => void
  /** Of a look-ahead proof. */
  readonly proof: OpenProof
  /** Bytes that the process holds now. */
  readonly usedBytes: () => number
}

/** What V8 and the allocator need for a realm of any size. */
const LEAST_RESERVE_BYTES = 48 * 2 ** 20
/** Share of what is left that grows with the realm: pages that compaction copies, free space inside blocks. */
const RESERVE_SHARE = 1 / 10

/**
 * Bytes that a new realm may hold: what the process leaves of the cell's memory, less a reserve. The isolate counts its
 * live heap and buffers only. The cgroup also counts what V8 and the allocator need around them, page tables, kernel
 * memory and the growth of the rest of the process; without a reserve the kernel kills the cell before the isolate
 * refuses, and which of them is first depends on the machine's load.
 * @param use usedBytes of the process; sharedBytes of these the realm sees too: they count against its limit although
 * they are not its own
 */
export function realmBytes(memoryBytes: number, use: { usedBytes: number; sharedBytes: number }): number {
  const left = memoryBytes - use.usedBytes
  return left - Math.max(LEAST_RESERVE_BYTES, left * RESERVE_SHARE) + use.sharedBytes
}

/** Whether a realm that was made ahead with `ahead` bytes serves where `needed` are due. */
export function isNearEnough(ahead: number, needed: number): boolean {
  return Math.abs(ahead - needed) <= LEAST_RESERVE_BYTES / 2
}

export function randomStateOf(config: RunConfig, label: string): number[] {
  return [...streamState({ seed: config.seed, label, createHasher: createNodeHasher })]
}
