import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteStore, HeadTail } from '../../../orchestrator-service/sandbox/byte-store.ts'

const chunks = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 40 })

test('ByteStore keeps the first bytes up to its cap, whatever the chunks', () => {
  fc.assert(
    fc.property(chunks, fc.integer({ min: 0, max: 400 }), (list, cap) => {
      const store = new ByteStore(cap)
      for (const chunk of list) store.append(chunk)

      expect(Buffer.from(store.view()).equals(Buffer.concat(list).subarray(0, cap))).toBe(true)
    }),
  )
})

test('ByteStore copies: a chunk that changes later changes nothing', () => {
  const store = new ByteStore(10)
  const chunk = Uint8Array.from([1, 2, 3])
  store.append(chunk)
  chunk.fill(9)

  expect([...store.view()]).toEqual([1, 2, 3])
})

test('HeadTail: head, the dropped bytes and tail are the whole stream', () => {
  fc.assert(
    fc.property(chunks, fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 }), (list, head, tail) => {
      const kept = new HeadTail(head, tail)
      for (const chunk of list) kept.append(chunk)
      const whole = Buffer.concat(list)
      const read = kept.read()

      expect(Buffer.from(read.head).equals(whole.subarray(0, head))).toBe(true)
      expect(read.head.length + read.droppedBytes + read.tail.length).toBe(whole.length)
      expect(Buffer.from(read.tail).equals(whole.subarray(whole.length - read.tail.length))).toBe(true)
      expect(read.tail.length).toBe(Math.min(tail, Math.max(0, whole.length - head)))
    }),
    { numRuns: 1000 },
  )
})
