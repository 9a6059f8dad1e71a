import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  compareVersions,
  isBuildOf,
  isFixedIn,
  parseVersion,
  type Version,
} from '../../../orchestrator-service/host-check/version.ts'

const parse = (text: string): Version => {
  const version = parseVersion(text)
  if (version === null) throw new Error(`No version: ${text}`)
  return version
}

test.for<[string, readonly number[], readonly [string, number] | null, string | null]>([
  ['1.1.5+ds1-1+deb12u1', [1, 1, 5], null, '+ds1-1+deb12u1'],
  ['1.6.20~ds1-1+deb12u3', [1, 6, 20], null, '~ds1-1+deb12u3'],
  ['20.10.24+dfsg1', [20, 10, 24], null, '+dfsg1'],
  ['1.3.3-0ubuntu1~24.04.2', [1, 3, 3], null, '-0ubuntu1~24.04.2'],
  ['v2.1.5', [2, 1, 5], null, null],
  ['28.2.2', [28, 2, 2], null, null],
  ['1.4.0-rc.2', [1, 4, 0], ['rc', 2], null],
  ['1.0.0-rc6+dev', [1, 0, 0], ['rc', 6], '+dev'],
  ['1.0-rc7', [1, 0, 0], ['rc', 7], null],
  ['2.0.0-beta.1', [2, 0, 0], ['beta', 1], null],
  ['6.18.44-fc-v669', [6, 18, 44], null, '-fc-v669'],
  ['5.15.0-91-generic', [5, 15, 0], null, '-91-generic'],
  ['6.1.0-18-amd64', [6, 1, 0], null, '-18-amd64'],
  ['6.6.87.2-microsoft-standard-WSL2', [6, 6, 87], null, '-microsoft-standard-WSL2'],
  ['4.18.0-513.el8.x86_64', [4, 18, 0], null, '-513.el8.x86_64'],
  ['6.12', [6, 12, 0], null, null],
  ['release-20250901.0', [20_250_901, 0, 0], null, null],
  ['v0.0.0-20260905035102-160fafc42237', [20_260_905, 0, 0], null, null],
])('parseVersion() reads %s', ([text, numbers, before, build]) => {
  expect(parseVersion(text)).toEqual({ text, numbers, before, build })
})

test.for(['', 'unknown', 'dev', '-1.2', '.5', 'x1.2.3', 'release-'])('parseVersion() makes nothing of %j', (text) => {
  expect(parseVersion(text)).toBeNull()
})

const number = fc.integer({ min: 0, max: 99_999 })
const release = fc.tuple(number, number, number).map((parts) => parts.join('.'))
const build = fc.constantFrom('', '+dfsg1', '+ds1-1+deb12u1', '~ds1', '-91-generic', '-0ubuntu2', '.el8')
const before = fc.oneof(
  fc.constant(''),
  fc.tuple(fc.constantFrom('alpha', 'beta', 'rc'), fc.integer({ min: 0, max: 99 })).map(([kind, n]) => `-${kind}.${n}`),
)
const version = fc.tuple(release, before, build).map((parts) => parts.join(''))

test('whatever the text, parseVersion() answers and keeps no more than it is given', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ maxLength: 400 }),
        version.map((text) => `${text} `),
      ),
      (text) => {
        const parsed = parseVersion(text)
        if (parsed === null) return

        expect(parsed.numbers.every((one) => Number.isSafeInteger(one) && one >= 0)).toBe(true)
        expect(parsed.text.length).toBeLessThanOrEqual(200)
      },
    ),
    { numRuns: 1000 },
  )
})

test('compareVersions() orders: one of three holds, it turns round, and it is transitive', () => {
  fc.assert(
    fc.property(version, version, version, (first, second, third) => {
      const [a, b, c] = [parse(first), parse(second), parse(third)]

      expect(Math.sign(compareVersions(a, b))).toBe(-Math.sign(compareVersions(b, a)) + 0)
      expect(compareVersions(a, a)).toBe(0)
      if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0) expect(compareVersions(a, c)).toBeLessThanOrEqual(0)
    }),
    { numRuns: 1000 },
  )
})

test('what a distribution appends changes no order, and what comes before a release is older than it', () => {
  fc.assert(
    fc.property(release, build, fc.integer({ min: 0, max: 99 }), (text, appended, rc) => {
      expect(compareVersions(parse(text + appended), parse(text))).toBe(0)
      expect(compareVersions(parse(`${text}-rc.${rc}`), parse(text + appended))).toBeLessThan(0)
      expect(compareVersions(parse(`${text}-rc${rc}`), parse(`${text}-rc.${rc + 1}`))).toBeLessThan(0)
    }),
  )
})

const NOVEMBER = ['1.2.8', '1.3.3', '1.4.0-rc3'].map(parse)

test.for<[string, boolean]>([
  ['1.0.3', false],
  ['1.1.99', false],
  ['1.2.7', false],
  ['1.2.8', true],
  ['1.2.9+ds1', true],
  ['1.3.0', false],
  ['1.3.2', false],
  ['1.3.3', true],
  ['1.4.0-rc.2', false],
  ['1.4.0-rc.3', true],
  ['1.4.0', true],
  ['1.5.0-rc.1', true],
  ['2.0.0', true],
])('isFixedIn(): runc %s of 1.2.8, 1.3.3 and 1.4.0-rc3: %s', ([text, fixed]) => {
  expect(isFixedIn(parse(text), NOVEMBER)).toBe(fixed)
})

test('isFixedIn(): newer patches of a line stay fixed, and every line above the newest fix is', () => {
  fc.assert(
    fc.property(fc.array(release, { minLength: 1, maxLength: 5 }), fc.integer({ min: 0, max: 9 }), (texts, more) => {
      const fixed = texts.map(parse)
      const newest = fixed.reduce((a, b) => (compareVersions(a, b) >= 0 ? a : b))
      for (const { numbers } of fixed) {
        const [major, minor, patch] = numbers
        expect(isFixedIn(parse(`${major}.${minor}.${patch + more}`), fixed)).toBe(true)
      }
      expect(isFixedIn(parse(`${newest.numbers[0] + 1}.0.${more}`), fixed)).toBe(true)
      const same = fixed.filter(
        ({ numbers: [major, minor] }) => major === newest.numbers[0] && minor === newest.numbers[1],
      )
      if (same.length === 1 && newest.numbers[2] > 0)
        expect(isFixedIn(parse(`${newest.numbers[0]}.${newest.numbers[1]}.${newest.numbers[2] - 1}`), fixed)).toBe(
          false,
        )
    }),
    { numRuns: 500 },
  )
})

test.for<[string, string, boolean]>([
  ['1.1.5+ds1-1+deb12u1', '1.1.5+ds1-1+deb12u1', true],
  ['1.1.5+ds1-1+deb12u9', '1.1.5+ds1-1+deb12u1', true],
  ['1.1.5+ds1-1+deb12u12', '1.1.5+ds1-1+deb12u9', true],
  ['1.1.5+ds1-1+deb12u1', '1.1.5+ds1-1+deb12u2', false],
  ['1.1.5+ds1-1', '1.1.5+ds1-1+deb12u1', false],
  ['1.1.5+ds1-1+deb13u1', '1.1.5+ds1-1+deb12u1', false],
  ['1.1.4+ds1-1+deb12u1', '1.1.5+ds1-1+deb12u1', false],
  ['1.1.5', '1.1.5', true],
])('isBuildOf(): %s has what came with %s: %s', ([text, build, expected]) => {
  expect(isBuildOf(parse(text), build)).toBe(expected)
})
