import type { Cell, WaitingCell } from '../cell-handle.ts'
import type { CellCause } from '../exit.ts'
import type { SandboxPolicy } from '../policy.ts'
import { type CellPoolMetrics, createTimeRecorder, DROP_REASONS, type DropReason } from './pool-metrics.ts'
import { wantedCells } from './pool-size.ts'
import { type CellPoolTimes, POOL_TIMES } from './pool-times.ts'
import { createRefillBreaker } from './refill-breaker.ts'
import { type CellListeners, createRelay, createShelf, give, type IdleCell, type Relay, type Shelf } from './shelf.ts'

/**
 * Theory of operation. Started, sealed cells wait on stdin, on a shelf for each pair of policy and image; a job takes one
 * or, where there is none, gets one that is started for it. A cell is given away once: it leaves its shelf in the same turn
 * in which it is looked at, and refuses a second job itself. To take it is its health check: it has attested before it
 * came on the shelf, and it still runs; one that does not is dropped and the next is tried. All limits of the policy were
 * set when it was started, so nothing is changed when it is taken.
 *
 * Refills never compete with jobs: one at a time; not while a job that was just taken is at its busiest; with all slots in
 * use only when no job has come for a while; not while the engine fails or is slow. A job that asks while the cell of its
 * shelf is being made waits for that one instead of starting another beside it.
 *
 * The number of cells follows the arrival of jobs within `min` and `max`, which hold for all shelves together. Idle cells
 * take up to 64 MiB each, so at most `max` x 64 MiB. A cell that has waited too long is replaced; a shelf that nobody has
 * asked for a while is cleared, except that of the usual policy.
 */
export interface CellPool {
  /** A cell for a job that begins now. Callers do not learn whether it had waited. @throws engine_unavailable, engine_timeout, invariant */
  take(policy: SandboxPolicy, image: string, listeners: CellListeners): Promise<Cell>
  /** Keeps cells ready from now on; before, and with `max` 0, each one is started for its job. */
  start(options: CellPoolStart): void
  /** Ends all cells that wait, and makes no more. */
  close(): Promise<void>
  metrics(): CellPoolMetrics
}

export interface CellPoolStart {
  /** Whether as many jobs run as may. */
  readonly isBusy: () => boolean
  /** Cells of this policy wait before anybody asks for one. */
  readonly usual: { readonly policy: SandboxPolicy; readonly image: string } | null
}

export interface CellPoolOptions {
  readonly bounds: { readonly min: number; readonly max: number }
  readonly startCell: (policy: SandboxPolicy, image: string, relay: Relay) => Promise<WaitingCell>
  readonly log: (text: string) => void
  readonly times?: Partial<CellPoolTimes>
}

const UPKEEP_MS = 1000
/** Taken for the time of a refill until one has been seen. */
const FIRST_REFILL_MS = 500
/** Weight of the newest refill in the mean. */
const NEWEST = 0.3

interface Refill {
  readonly shelf: Shelf
  /** Null: it failed. */
  readonly made: Promise<IdleCell | null>
  claimed: boolean
}

export function createCellPool(options: CellPoolOptions): CellPool {
  return new ShelfPool(options)
}

class ShelfPool implements CellPool {
  readonly #options: CellPoolOptions
  readonly #times: CellPoolTimes
  #shelves: Shelf[] = []
  readonly #breaker = createRefillBreaker()
  readonly #waits = createTimeRecorder()
  readonly #refills = createTimeRecorder()
  readonly #counts = { hits: 0, joins: 0, misses: 0, started: 0, failed: 0, unready: 0 }
  readonly #dropped = Object.fromEntries(DROP_REASONS.map((reason) => [reason, 0])) as Record<DropReason, number>
  readonly #leaving = new Set<Promise<unknown>>()
  #isBusy: (() => boolean) | null = null
  #isClosed = false
  #usual: SandboxPolicy | null = null
  #refill: Refill | null = null
  #booting: WaitingCell | null = null
  #meanRefillMs = FIRST_REFILL_MS
  #takenAt = -Infinity
  #interval: NodeJS.Timeout | undefined
  #soon: NodeJS.Timeout | undefined

  constructor(options: CellPoolOptions) {
    this.#options = options
    this.#times = { ...POOL_TIMES, ...options.times }
  }

  async take(policy: SandboxPolicy, image: string, listeners: CellListeners): Promise<Cell> {
    const asked = performance.now()
    const cell = this.#takeIdle(policy, image, listeners, asked) ?? (await this.#takeCold(policy, image, listeners))
    this.#waits.add(performance.now() - asked)
    return cell
  }

  start({ isBusy, usual }: CellPoolStart): void {
    if (this.#options.bounds.max === 0 || this.#isBusy !== null || this.#isClosed) return
    this.#isBusy = isBusy
    this.#usual = usual?.policy ?? null
    if (usual !== null) this.#findShelf(usual.policy, usual.image)
    this.#interval = setInterval(() => this.#upkeep(), UPKEEP_MS)
    this.#upkeep()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#isBusy = null
    clearInterval(this.#interval)
    clearTimeout(this.#soon)
    for (const shelf of this.#shelves) this.#dropMany(shelf, () => true, 'closed')
    if (this.#refill?.claimed === false) this.#booting?.kill(NOT_NEEDED)
    await this.#refill?.made
    while (this.#leaving.size > 0) await Promise.all(this.#leaving)
  }

  metrics(): CellPoolMetrics {
    const now = performance.now()
    const shelves = this.#shelves.map((shelf) => ({
      policy: shelf.policy.name,
      image: shelf.image,
      idle: shelf.idle.length,
      wanted: this.#wanted(shelf, now),
    }))
    return {
      ...this.#counts,
      bounds: this.#options.bounds,
      shelves,
      waitMs: this.#waits.read(),
      refillMs: this.#refills.read(),
      idle: this.#idle(),
      wanted: shelves.reduce((sum, { wanted }) => sum + wanted, 0),
      dropped: { ...this.#dropped },
      paused: this.#breaker.isPaused(now),
    }
  }

  /** In one turn, so that nobody else can get the same cell. */
  #takeIdle(policy: SandboxPolicy, image: string, listeners: CellListeners, now: number): Cell | null {
    if (this.#isBusy === null) return null
    const shelf = this.#findShelf(policy, image)
    shelf.rate.note(now)
    shelf.askedAt = now
    this.#takenAt = now
    this.#wakeAfter(this.#times.quietMs)
    for (let idle = shelf.idle.shift(); idle !== undefined; idle = shelf.idle.shift()) {
      if (!idle.cell.isOpen) {
        this.#drop(idle, 'dead')
        continue
      }
      this.#counts.hits += 1
      return give(idle, listeners)
    }
    return null
  }

  async #takeCold(policy: SandboxPolicy, image: string, listeners: CellListeners): Promise<Cell> {
    const refill = this.#refill
    if (refill !== null && !refill.claimed && refill.shelf.policy === policy && refill.shelf.image === image) {
      refill.claimed = true
      const made = await refill.made
      this.#wakeAfter(this.#times.quietMs)
      if (made?.cell.isOpen === true) {
        this.#counts.joins += 1
        this.#takenAt = performance.now()
        return give(made, listeners)
      }
    }
    this.#counts.misses += 1
    const relay = createRelay(() => {})
    relay.to = listeners
    const cell = await this.#options.startCell(policy, image, relay)
    cell.begin()
    return cell
  }

  #findShelf(policy: SandboxPolicy, image: string): Shelf {
    const found = this.#shelves.find((shelf) => shelf.policy === policy && shelf.image === image)
    if (found !== undefined) return found
    const shelf = createShelf(policy, image, policy === this.#usual)
    // Those that are kept come first where the bound does not allow all
    if (shelf.kept) this.#shelves.unshift(shelf)
    else this.#shelves.push(shelf)
    return shelf
  }

  #wanted(shelf: Shelf, now: number): number {
    const { min, max } = this.#options.bounds
    const isAsked = now - shelf.askedAt <= this.#times.forgetMs
    const wanted = isAsked ? wantedCells(shelf.rate.perMs(now), this.#meanRefillMs) : 0
    return Math.min(max, Math.max(shelf.kept ? min : 0, wanted))
  }

  #idle(): number {
    return this.#shelves.reduce((sum, shelf) => sum + shelf.idle.length, 0)
  }

  #wakeAfter(ms: number): void {
    clearTimeout(this.#soon)
    this.#soon = setTimeout(() => this.#upkeep(), ms)
  }

  /** Clears away what is old or too much, then begins a refill where one is due. */
  #upkeep(): void {
    if (this.#isBusy === null) return
    const now = performance.now()
    for (const shelf of this.#shelves) {
      this.#dropMany(shelf, ({ since }) => now - since > this.#times.maxIdleMs, 'aged')
      const surplus = shelf.idle.length - this.#wanted(shelf, now)
      const oldest = new Set(shelf.idle.slice(0, Math.max(0, surplus)))
      this.#dropMany(shelf, (idle) => oldest.has(idle), 'surplus')
    }
    const refilled = this.#refill?.shelf
    this.#shelves = this.#shelves.filter((one) => one.kept || one === refilled || this.#wanted(one, now) > 0)
    if (this.#refill !== null || this.#breaker.isPaused(now) || this.#idle() >= this.#options.bounds.max) return
    const shelf = this.#shelves.find((one) => one.idle.length < this.#wanted(one, now))
    if (shelf === undefined) return
    const quietMs = this.#isBusy() ? this.#times.busyQuietMs : this.#times.quietMs
    const early = this.#takenAt + quietMs - now
    if (early > 0) this.#wakeAfter(early)
    else this.#beginRefill(shelf, now)
  }

  #beginRefill(shelf: Shelf, begun: number): void {
    const refill: Refill = { shelf, claimed: false, made: this.#makeCell(shelf, begun) }
    this.#refill = refill
    void refill.made.then((made) => {
      this.#refill = null
      if (made === null || refill.claimed) return
      if (this.#isBusy === null) this.#drop(made, 'closed')
      else this.#shelve(shelf, made)
      this.#upkeep()
    })
  }

  async #makeCell(shelf: Shelf, begun: number): Promise<IdleCell | null> {
    const relay = createRelay((message) => this.#noteUnready(message))
    try {
      const cell = await this.#options.startCell(shelf.policy, shelf.image, relay)
      const engineMs = performance.now() - begun
      this.#booting = cell
      if (this.#isClosed) cell.kill(NOT_NEEDED)
      // One that is not what its policy says ends by itself
      cell.attested.catch(() => this.#awaitEnd(cell))
      await cell.attested
      const since = performance.now()
      this.#counts.started += 1
      this.#refills.add(since - begun)
      this.#meanRefillMs += NEWEST * (since - begun - this.#meanRefillMs)
      this.#breaker.note(since, engineMs)
      return { cell, relay, since }
    } catch (error) {
      this.#counts.failed += 1
      this.#breaker.note(performance.now(), null)
      if (!this.#isClosed)
        this.#options.log(`Cannot make a cell ahead: ${error instanceof Error ? error.message : String(error)}`)
      return null
    } finally {
      this.#booting = null
    }
  }

  #noteUnready(message: string): void {
    this.#counts.unready += 1
    this.#options.log(`A cell that waits could not get ready, its job will be slower: ${message.slice(0, 300)}`)
  }

  #shelve(shelf: Shelf, made: IdleCell): void {
    shelf.idle.push(made)
    void made.cell.ended.then(() => {
      const index = shelf.idle.indexOf(made)
      if (index < 0) return
      shelf.idle.splice(index, 1)
      this.#drop(made, 'dead')
      this.#upkeep()
    })
  }

  #dropMany(shelf: Shelf, which: (idle: IdleCell) => boolean, reason: DropReason): void {
    const dropped = shelf.idle.filter(which)
    if (dropped.length === 0) return
    shelf.idle.splice(0, shelf.idle.length, ...shelf.idle.filter((idle) => !dropped.includes(idle)))
    for (const idle of dropped) this.#drop(idle, reason)
  }

  #drop({ cell }: IdleCell, reason: DropReason): void {
    this.#dropped[reason] += 1
    cell.kill(NOT_NEEDED)
    this.#awaitEnd(cell)
  }

  #awaitEnd(cell: Cell): void {
    const gone = cell.finished.finally(() => this.#leaving.delete(gone))
    this.#leaving.add(gone)
  }
}

const NOT_NEEDED: CellCause = { kind: 'cancelled', reason: null, message: 'No job has taken the cell' }
