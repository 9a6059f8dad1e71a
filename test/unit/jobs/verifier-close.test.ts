import { setTimeout as sleep } from 'node:timers/promises'
import { describe, it } from 'vitest'
import { provideVerifyProgram } from '../../../orchestrator-service/results/verify/verify-program.ts'
import { createVerifier } from '../../../orchestrator-service/results/verify/verifier.ts'

describe('a verification that is closed', () => {
  it('answers at once, and lets the next one through', async ({ expect }) => {
    const verifier = createVerifier(await provideVerifyProgram())
    const document = (): Uint8Array => new Uint8Array(10)
    const closed = verifier.begin()
    closed.start()
    await sleep(200)
    await closed.close()
    await sleep(50)
    const during = verifier.begin()
    during.start()
    const next = verifier.begin()
    const begun = performance.now()

    const verdicts = [closed.verify(document()), during.verify(document()), next.verify(document())]
    await during.close()
    const [first, second, third] = await Promise.all(verdicts)

    expect(performance.now() - begun).toBeLessThan(5000)
    expect(first).toMatchObject({ type: 'failed', kind: 'infra' })
    expect(second).toMatchObject({ type: 'failed', kind: 'infra' })
    expect(third).toMatchObject({ type: 'failed', kind: 'protocol' })
    await next.close()
  })
})
