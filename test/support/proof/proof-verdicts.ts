import type { ExpectStatic } from 'vitest'
import type { ProofBench } from './proof-bench.ts'
import { PROOF_RUNS } from './proof-benches.ts'

/** What a run is proved or refuted by: more than 20 of them, or the first that differs. */
type Subject = 'decision' | 'answer'

/** Each run of an honest configuration, with a seed of its own, is proved whole; `ports`: what code of the user was asked. */
export async function expectProved(
  expect: ExpectStatic,
  bench: ProofBench,
  { config, subject, ports }: { config: object; subject: Subject; ports?: readonly string[] },
): Promise<void> {
  for (let run = 0; run < PROOF_RUNS; run++) {
    const { outcome, proof, verdict } = await bench.prove({ ...config, seed: String(run) })

    expect(outcome, outcome.message).toMatchObject({ kind: 'ok' })
    expect(proof).toMatchObject({ verdict: 'proved', covered: proof!.decisions, coveredAnswers: proof!.answers })
    expect(subject === 'decision' ? proof!.decisions : proof!.answers).toBeGreaterThan(20)
    if (ports !== undefined) expect(verdict).toMatchObject({ type: 'verified', run: { askedPorts: ports } })
  }
}

const FIRST = {
  decision: /at 20\d\d-.*\(decision \d+ of \d+\) it decides otherwise/,
  answer: /at 20\d\d-.*\(answer \d+ of \d+\) it answers otherwise/,
} as const

/** A run that leaks passes without a proof, and the proof names its first decision or answer. */
export async function expectRefuted(
  expect: ExpectStatic,
  bench: ProofBench,
  { config, subject }: { config: object; subject: Subject },
): Promise<void> {
  const unproved = await bench.run(config, {})
  const { outcome, proof } = await bench.prove(config)

  expect(unproved.outcome, unproved.outcome.message).toMatchObject({ kind: 'ok' })
  expect(outcome).toMatchObject({ kind: 'tampered', reason: 'lookahead' })
  expect(outcome.message).toMatch(FIRST[subject])
  expect(proof).toMatchObject({ verdict: 'refuted', excludedLeakRate: null, refuted: { what: subject } })
}
