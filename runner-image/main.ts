/** The program of a cell. It attests what it sees of itself before it reads a byte, or loads what will read it. */
import { readAttestation } from './attestation.ts'
import { writeEvent } from './event-writer.ts'

const attestation = readAttestation()
writeEvent({ type: 'attestation', attestation })
// Loaded while the host compares
const { serveJob } = await import('./serve-job.ts')
await serveJob(attestation)
