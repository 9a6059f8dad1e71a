import { Value } from 'typebox/value'
import { describe, expect, it } from 'vitest'
import { readAttestation } from '../../../runner-image/attestation.ts'
import { Attestation } from '../../../src/protocol/events.ts'

describe('readAttestation()', () => {
  it('matches its schema outside a cell too', () => {
    expect([...Value.Errors(Attestation, readAttestation())]).toEqual([])
  })
})
