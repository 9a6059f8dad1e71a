import type { CreateHasher } from '../math/hasher.ts'
import { utf8Bytes } from '../math/utf8.ts'

/** A hash over checkpoints in the order in which they came, so that none can be left out, exchanged or put in between. */
export interface CheckpointChain {
  /** The link after one more checkpoint, hex: sha256 over the link before (as text; none before the first) and its bytes. */
  add(checkpoint: Uint8Array): string
}

/** @param after the link that it goes on from; '' is the beginning */
export function createCheckpointChain(createHasher: CreateHasher, after = ''): CheckpointChain {
  let link = after
  return {
    add(checkpoint) {
      const hasher = createHasher()
      hasher.update(utf8Bytes(link))
      hasher.update(checkpoint)
      link = hasher.digestHex()
      return link
    },
  }
}
