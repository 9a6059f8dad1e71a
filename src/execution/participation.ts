/** Share of a lot's or order's whole quantity below which a remainder is nothing (F10). */
export const REMAINDER = 1e-12

/** What the fills of one bar may still take together (F9), in units: steps, or base quantity without a step. */
export interface BarRoom {
  /** The cap of the bar. */
  readonly units: number
  used: number
  /** Units are whole steps: there is no dust. */
  readonly hasSteps: boolean
}

/** Units that are left in a bar. */
export function roomLeft(room: BarRoom): number {
  return room.used < room.units ? room.units - room.used : 0
}

/** How many of `units` a bar has room for; what would be left as dust of `whole` goes along. */
export function partOf(room: BarRoom | null, units: number, whole: number): number {
  if (room === null) return units
  const left = roomLeft(room)
  if (left >= units || (left > 0 && isDust(room, units - left, whole))) return units
  return left
}

/** Whether a remainder is nothing (F10). */
export function isDust(room: Pick<BarRoom, 'hasSteps'>, rest: number, whole: number): boolean {
  return !room.hasSteps && rest <= REMAINDER * whole
}
