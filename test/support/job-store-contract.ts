import { describe } from 'vitest'
import type { JobStores } from '../../orchestrator-service/store/ports.ts'
import { registerListContract } from './job-list-contract.ts'
import { registerQueueModel } from './job-queue-model.ts'
import { registerLeases, registerSubmit, registerTake } from './job-submit-contract.ts'
import { registerDelete, registerFigures, registerRaces, registerUpdate } from './job-update-contract.ts'
import { registerKeyContract } from './key-store-contract.ts'

/** Stores of their own for one test, removed with it. */
export interface TestStores extends AsyncDisposable {
  readonly stores: JobStores
}
export type OpenTestStores = () => Promise<TestStores>

/** What every implementation of `JobStores` promises. Registers tests; call it inside a describe(). */
export function registerJobStoreContract(open: OpenTestStores): void {
  describe('submit()', () => registerSubmit(open))
  describe('take()', () => registerTake(open))
  describe('leases', () => registerLeases(open))
  describe('update()', () => registerUpdate(open))
  describe('races', () => registerRaces(open))
  describe('delete()', () => registerDelete(open))
  describe('figures', () => registerFigures(open))
  describe('list()', () => registerListContract(open))
  describe('the queue', () => registerQueueModel(open))
  describe('keys', () => registerKeyContract(open))
}
