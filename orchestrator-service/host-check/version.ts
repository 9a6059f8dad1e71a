/**
 * A version as a component of the engine says it. Upstream numbers are compared; what a distribution appended says that it may
 * have put later fixes into an older number, which nobody can tell from the number.
 */
export interface Version {
  readonly text: string
  /** Major, minor, patch; what is left out is 0. */
  readonly numbers: readonly [number, number, number]
  /** Kind and number of a version before the release: `rc.3` is ['rc', 3]; null: a release. */
  readonly before: readonly [string, number] | null
  /** What is appended by whoever built it: `+ds1-1+deb12u1`, `-91-generic`; null: nothing. */
  readonly build: string | null
}

const NUMBERS = /^(?:release-)?v?(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?(?:\.\d{1,9})*(.*)$/s
const BEFORE = /^[-.~](alpha|beta|rc|dev)[-.]?(\d{0,9})(.*)$/s
/** Go's name of a commit between releases: what counts is its date. */
const GO_PSEUDO = /^v0\.0\.0-(\d{8})\d{6}-[0-9a-f]{12}$/

/** Null: it does not begin with a number. */
export function parseVersion(text: string): Version | null {
  const trimmed = text.trim().slice(0, 200)
  const [, major, minor = '0', patch = '0', rest = ''] =
    NUMBERS.exec(trimmed.replace(GO_PSEUDO, '$1.0')) ?? ([] as string[])
  if (major === undefined) return null
  const [, kind, number = '', build = ''] = BEFORE.exec(rest) ?? ([] as string[])
  return {
    text: trimmed,
    numbers: [Number(major), Number(minor), Number(patch)],
    before: kind === undefined ? null : [kind, Number(number)],
    build: (kind === undefined ? rest : build) || null,
  }
}

/** Below 0: a is older. Builds of one number are equal. */
export function compareVersions(a: Version, b: Version): number {
  for (const at of [0, 1, 2] as const) if (a.numbers[at] !== b.numbers[at]) return a.numbers[at] - b.numbers[at]
  if (a.before === null || b.before === null) return Number(a.before === null) - Number(b.before === null)
  if (a.before[0] !== b.before[0]) return a.before[0] < b.before[0] ? -1 : 1
  return a.before[1] - b.before[1]
}

function isSameLine(a: Version, b: Version): boolean {
  return a.numbers[0] === b.numbers[0] && a.numbers[1] === b.numbers[1]
}

/**
 * Whether the number is one with the fix: at or above the fix of its own line (1.2.x), or above the newest line that was
 * fixed. A line in between that has no fix is not fixed.
 */
export function isFixedIn(version: Version, fixed: readonly Version[]): boolean {
  const own = fixed.filter((fix) => isSameLine(version, fix))
  if (own.length > 0) return own.some((fix) => compareVersions(version, fix) >= 0)
  return fixed.every((fix) => compareVersions(version, fix) > 0)
}

/** Whether it is the named build of a distribution or a later one of the same number: `…+deb12u3` after `…+deb12u1`. */
export function isBuildOf(version: Version, build: string): boolean {
  const [, base, number] = REVISION.exec(build) ?? []
  const [, ownBase, ownNumber] = REVISION.exec(version.text) ?? []
  if (base === undefined || ownBase === undefined) return version.text === build
  return base === ownBase && Number(ownNumber) >= Number(number)
}

const REVISION = /^(.*\+deb\d+u)(\d{1,6})$/
