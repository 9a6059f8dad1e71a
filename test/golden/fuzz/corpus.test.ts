import { describe, expect, it } from 'vitest'
import { readCorpus } from '../../fuzz/corpus.ts'
import { problemOf } from '../../fuzz/run-cases.ts'
import { FUZZ_TARGETS } from '../../fuzz/targets/all.ts'

describe('inputs that once failed', () => {
  for (const { name, target, input } of readCorpus()) {
    it(`do so no more: ${name}`, () => expect(problemOf(FUZZ_TARGETS[target], input)).toBeNull())
  }
})
