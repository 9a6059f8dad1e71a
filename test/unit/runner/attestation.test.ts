import { Value } from 'typebox/value'
import { describe, expect, it } from 'vitest'
import { coresOf, readAttestation } from '../../../runner-image/attestation.ts'
import { Attestation } from '../../../src/protocol/events.ts'

describe('readAttestation()', () => {
  it('matches its schema outside a cell too', () => {
    expect([...Value.Errors(Attestation, readAttestation())]).toEqual([])
  })

  it.each([
    [100_000, 100_000, 1],
    [250_000, 100_000, 2],
    [50_000, 100_000, 1],
    [-1, 100_000, 3],
    [9_900_000, 100_000, 16],
  ])('counts the cores of quota %i / period %i as %i', (cpuQuota, cpuPeriod, cores) => {
    expect(coresOf({ ...readAttestation(), cpuQuota, cpuPeriod }, 3)).toBe(cores)
  })
})
