import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, it } from 'vitest'
import {
  type CheckpointPart,
  type Checkpoints,
  createCheckpoints,
} from '../../../orchestrator-service/jobs/checkpoints.ts'
import { createCheckpointFile } from '../../../orchestrator-service/results/checkpoint-file.ts'
import { createSha256 } from '../../../orchestrator-service/sha256.ts'
import { toBase64 } from '../../../src/math/base64.ts'
import { createCheckpointChain } from '../../../src/verification/checkpoint-chain.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

const INPUTS = 'a'.repeat(64)

/** What a cell says that was given `given` and then finished `units`, in parts of four bytes. */
function partsOf(units: readonly (readonly [number, string])[], given: readonly string[] = []): CheckpointPart[] {
  const chain = createCheckpointChain(createSha256)
  for (const text of given) chain.add(Buffer.from(text))
  return units.flatMap(([unit, text]) => {
    const bytes = Buffer.from(text)
    const sha256 = chain.add(bytes)
    const parts = Math.max(1, Math.ceil(bytes.length / 4))
    return Array.from({ length: parts }, (_, part): CheckpointPart => {
      const data = toBase64(bytes.subarray(4 * part, 4 * part + 4))
      return { type: 'checkpoint', unit, part, parts, data, sha256 }
    })
  })
}

interface Attempt {
  readonly file: string
  readonly attempt: number
  readonly inputs?: string
  readonly capBytes?: number
}

/** Files of what a test has begun, which would be closed by chance otherwise. */
const begun: Checkpoints[] = []
afterEach(async () => {
  for (const checkpoints of begun.splice(0)) await checkpoints.close()
})

async function begin({ file, attempt, inputs = INPUTS, capBytes = 1000 }: Attempt) {
  const warnings: string[] = []
  const checkpoints: Checkpoints = createCheckpoints({
    file: createCheckpointFile(file, capBytes),
    attempt,
    capBytes,
    warn: (text) => warnings.push(text),
  })
  begun.push(checkpoints)
  const given = await checkpoints.resume({ inputs: Promise.resolve(inputs), units: 5 })
  return {
    warnings,
    given: given.map((bytes) => Buffer.from(bytes).toString()),
    say(parts: readonly CheckpointPart[]) {
      for (const part of parts) {
        const cause = checkpoints.take(part)
        if (cause !== null) return `${cause.kind}(${cause.reason}): ${cause.message}`
      }
      return null
    },
    end: async () => await checkpoints.close(),
  }
}

describe('the checkpoints of a job', () => {
  it('are given to each later attempt in their order', async ({ expect }) => {
    using dir = temporaryDirectory()
    const file = join(dir.path, 'r-1', 'checkpoints')
    const first = await begin({ file, attempt: 1 })
    expect(first.given).toEqual([])
    expect(
      first.say(
        partsOf([
          [2, 'two decided'],
          [0, ''],
        ]),
      ),
    ).toBeNull()
    await first.end()
    const second = await begin({ file, attempt: 2 })
    expect(second.given).toEqual(['two decided', ''])
    expect(second.say(partsOf([[4, 'four']], second.given))).toBeNull()
    await second.end()

    const third = await begin({ file, attempt: 3 })

    expect(third.given).toEqual(['two decided', '', 'four'])
    expect(third.warnings).toEqual([])
  })

  it('are for the inputs for which they were made', async ({ expect }) => {
    using dir = temporaryDirectory()
    const file = join(dir.path, 'checkpoints')
    const first = await begin({ file, attempt: 1 })
    first.say(partsOf([[1, 'of old candles']]))
    await first.end()
    const second = await begin({ file, attempt: 2, inputs: 'b'.repeat(64) })
    expect(second.given).toEqual([])
    expect(second.say(partsOf([[1, 'of new ones']]))).toBeNull()
    await second.end()

    expect((await begin({ file, attempt: 3, inputs: 'b'.repeat(64) })).given).toEqual(['of new ones'])
  })

  it.for([
    [
      'another unit before, with other bytes',
      [
        [1, 'one'],
        [1, 'another'],
      ],
      'tampered(checkpoint)',
    ],
    ['a unit of an earlier attempt with other bytes', [[3, 'changed']], 'tampered(checkpoint)'],
    ['a unit that there is not', [[5, 'x']], 'platform_error(protocol)'],
  ] as const)('end a cell that sends %s', async ([, units, expected], { expect }) => {
    using dir = temporaryDirectory()
    const file = join(dir.path, 'checkpoints')
    const first = await begin({ file, attempt: 1 })
    first.say(partsOf([[3, 'three']]))
    await first.end()
    const second = await begin({ file, attempt: 2 })

    expect(second.say(partsOf(units, second.given))).toContain(`${expected}: The cell `)
    await second.end()
    expect((await begin({ file, attempt: 3 })).given[0]).toBe('three')
  })

  it('end a cell whose chain is another one, or whose parts are out of turn', async ({ expect }) => {
    using dir = temporaryDirectory()
    const fresh = async () => await begin({ file: join(dir.path, 'checkpoints'), attempt: 1 })
    const [a, b, c] = partsOf([[1, 'three parts']])
    const wrong = partsOf([[1, 'one']], ['never given'])
    const turns: [CheckpointPart[], string][] = [
      [wrong, 'tampered(checkpoint)'],
      [[b!], 'platform_error(protocol)'],
      [[a!, c!], 'platform_error(protocol)'],
      [[a!, { ...b!, unit: 2 }], 'platform_error(protocol)'],
      [[a!, { ...b!, sha256: '0'.repeat(64) }], 'platform_error(protocol)'],
      [[a!, b!, c!, c!], 'platform_error(protocol)'],
      [[{ ...a!, data: '????' }], 'platform_error(protocol)'],
    ]

    for (const [parts, expected] of turns) expect((await fresh()).say(parts)).toContain(expected)
  })

  it('may be read again from the log of a cell that is adopted', async ({ expect }) => {
    using dir = temporaryDirectory()
    const file = join(dir.path, 'checkpoints')
    const first = await begin({ file, attempt: 1 })
    first.say(partsOf([[0, 'zero']]))
    await first.end()
    const said = partsOf(
      [
        [1, 'one'],
        [2, 'two'],
        [3, 'three'],
      ],
      ['zero'],
    )
    const lost = await begin({ file, attempt: 2 })
    lost.say(said.slice(0, 2))
    await lost.end()

    const adopted = await begin({ file, attempt: 2 })

    expect(adopted.given).toEqual(['zero'])
    expect(adopted.say(said)).toBeNull()
    await adopted.end()
    expect((await begin({ file, attempt: 3 })).given).toEqual(['zero', 'one', 'two', 'three'])
  })

  it('lose what a crash cut off, or what was changed on the disk, and what came after it', async ({ expect }) => {
    using dir = temporaryDirectory()
    const file = join(dir.path, 'checkpoints')
    const first = await begin({ file, attempt: 1 })
    first.say(
      partsOf([
        [0, 'zero'],
        [1, 'one'],
        [2, 'two'],
      ]),
    )
    await first.end()
    const whole = readFileSync(file)
    writeFileSync(file, whole.subarray(0, -1))
    expect((await begin({ file, attempt: 2 })).given).toEqual(['zero', 'one'])
    const changed = Buffer.from(whole)
    changed[changed.indexOf('one')]! ^= 1
    writeFileSync(file, changed)
    const second = await begin({ file, attempt: 2 })
    expect(second.given).toEqual(['zero'])
    expect(second.say(partsOf([[1, 'one']], ['zero']))).toBeNull()
    await second.end()

    expect((await begin({ file, attempt: 3 })).given).toEqual(['zero', 'one'])
  })

  it('keep no more than the cap, and use no file that is larger', async ({ expect }) => {
    using dir = temporaryDirectory()
    const file = join(dir.path, 'checkpoints')
    const first = await begin({ file, attempt: 1, capBytes: 10 })
    expect(
      first.say(
        partsOf([
          [0, '12345'],
          [1, '12345'],
          [2, '1'],
          [3, '2'],
        ]),
      ),
    ).toBeNull()
    await first.end()
    expect((await begin({ file, attempt: 2, capBytes: 10 })).given).toEqual(['12345', '12345'])
    appendFileSync(file, Buffer.alloc(70_000))

    expect((await begin({ file, attempt: 2, capBytes: 10 })).given).toEqual([])
  })

  it('cost a disk that is full nothing but the checkpoints', async ({ expect }) => {
    const full = await begin({ file: '/dev/full/checkpoints', attempt: 1 })
    expect(
      full.say(
        partsOf([
          [0, 'zero'],
          [1, 'one'],
        ]),
      ),
    ).toBeNull()
    await full.end()

    expect(full.warnings).toHaveLength(1)
    expect(full.warnings[0]).toContain('Cannot keep what has been decided so far: ')
  })
})
