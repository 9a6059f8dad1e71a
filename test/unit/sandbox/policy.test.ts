import fc from 'fast-check'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  canonicalJson,
  loadPolicies,
  loadSoundPolicies,
  parsePolicy,
  POLICY_DIR,
} from '../../../orchestrator-service/sandbox/policy.ts'
import { buildSeccompJson } from '../../../orchestrator-service/sandbox/seccomp-profile.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

type Entry = { value: unknown; reason: string }
type File = Record<string, Entry> & { maskedPaths: Entry[]; readonlyPaths: Entry[] }

const read = (name: string) => JSON.parse(readFileSync(join(POLICY_DIR, name), 'utf8')) as File
const parse = (file: unknown, name = 'default.json') => parsePolicy(file, name, read)

test('loadPolicies() gives the seed values of default and trusted, and who may ask for which', () => {
  const policies = loadPolicies()
  const seed = {
    pids: 64,
    wallTimeMs: 3_600_000,
    barTimeMs: 1000,
    noEventTimeMs: 300_000,
    loadTimeMs: 2000,
    stdoutBytes: 2 ** 26,
    logBytes: 2 ** 23,
    checkpointBytes: 2 ** 26,
    lineBytes: 2 ** 16,
    tmpfsBytes: 2 ** 24,
    uid: 65_534,
  }

  expect([...policies.values()].map(({ name, roles, runtime, network }) => [name, roles, runtime, network])).toEqual([
    ['default', ['user', 'admin'], 'runc', 'none'],
    ['mongo-network', ['admin'], 'runc', 'hotcell-mongo'],
    ['strict', ['user', 'admin'], 'runsc', 'none'],
    ['trusted', ['admin'], 'runc', 'none'],
  ])
  expect(policies.get('default')).toMatchObject({ ...seed, cores: 1, memoryBytes: 2 ** 31 })
  expect(policies.get('trusted')).toMatchObject({ ...seed, cores: 2, memoryBytes: 2 ** 32 })
})

test('a policy may ask for the look-ahead proof of every run', () => {
  const file = read('default.json')
  const always = { value: 'always', reason: 'nobody here is to be believed' }

  expect(parse(file).lookAheadProof).toBe('on_request')
  expect(parse({ ...file, lookAheadProof: always }).lookAheadProof).toBe('always')
  expect(() => parse({ ...file, lookAheadProof: { ...always, value: 'never' } })).toThrow(/\/lookAheadProof\/value/)
})

test('strict has no limit above that of default, and most of them below', () => {
  const policies = loadPolicies()
  const [strict, base] = ['strict', 'default'].map((name) => Object.entries(policies.get(name) ?? {}))
  const numbers = (entries: [string, unknown][] = []) =>
    new Map(entries.filter(([, value]) => typeof value === 'number'))
  const lower = [...numbers(strict)].filter(([key, value]) => (value as number) < (numbers(base).get(key) as number))
  const higher = [...numbers(strict)].filter(([key, value]) => (value as number) > (numbers(base).get(key) as number))

  expect(higher).toEqual([])
  expect(lower.map(([key]) => key)).toEqual(expect.arrayContaining(['memoryBytes', 'wallTimeMs', 'nofile', 'logBytes']))
})

test.for(['default.json', 'trusted.json', 'strict.json', 'mongo-network.json'])(
  'every value of %s carries a reason',
  (name) => {
    const { name: _name, base: _base, description: _description, ...values } = read(name)

    for (const entry of Object.values(values).flat()) {
      expect(Object.keys(entry)).toEqual(['value', 'reason'])
      expect(entry.reason.length).toBeGreaterThan(7)
    }
  },
)

test('loadSoundPolicies() reads the policies beside a broken one, and says what is wrong with it', () => {
  using folder = temporaryDirectory()
  cpSync(POLICY_DIR, folder.path, { recursive: true })
  writeFileSync(join(folder.path, 'strict.json'), '{"name": "strict"}')
  writeFileSync(join(folder.path, 'trusted.json'), '{')

  const { policies, errors } = loadSoundPolicies(folder.path)

  expect([...policies.keys()]).toEqual(['default', 'mongo-network'])
  expect(errors.map(({ code }) => code)).toEqual(['invalid_policy', 'invalid_policy'])
  expect(errors.map(({ message }) => message)).toEqual([
    expect.stringContaining('strict.json'),
    expect.stringContaining('trusted.json'),
  ])
  expect(() => loadPolicies(folder.path)).toThrow(/strict\.json/)
})

test('every required key is missed when it is left out', () => {
  const file = read('default.json')

  for (const key of Object.keys(file)) {
    const { [key]: _gone, ...rest } = file
    expect(() => parse(rest), key).toThrow(/Cannot load policy "default.json"/)
  }
})

test.for<[string, (file: File) => void, RegExp]>([
  [
    'an unknown key',
    (file) => Object.assign(file, { privileged: { value: true, reason: 'because I like it' } }),
    /\/privileged is an unknown key/,
  ],
  [
    'an unknown key beside a value',
    (file) => Object.assign(file['pids'] as object, { note: 'x' }),
    /\/pids\/note is an unknown key/,
  ],
  ['a network of another name', (file) => Object.assign(file['network'] as object, { value: 'bridge' }), /\/network/],
  [
    'a network without a socket to use it',
    (file) => Object.assign(file['network'] as object, { value: 'hotcell-x' }),
    /\/network must be none where/,
  ],
  [
    'sockets without a network',
    (file) => Object.assign(file['seccomp'] as object, { value: 'mongo-network.json' }),
    /\/seccomp must not allow sockets/,
  ],
  ['a role that runs nothing', (file) => Object.assign(file['roles'] as object, { value: ['auditor'] }), /\/roles/],
  ['no role', (file) => Object.assign(file['roles'] as object, { value: [] }), /\/roles/],
  [
    'a default that users may not have',
    (file) => Object.assign(file['roles'] as object, { value: ['admin'] }),
    /\/roles must/,
  ],
  ['a missing reason', (file) => Object.assign(file, { pids: { value: 64 } }), /\/pids/],
  ['no pids limit', (file) => Object.assign(file['pids'] as object, { value: 0 }), /\/pids\/value/],
  ['root', (file) => Object.assign(file['uid'] as object, { value: 0 }), /\/uid\/value/],
  ['a core dump', (file) => Object.assign(file['core'] as object, { value: 1 }), /\/core\/value/],
  [
    'an engine log below the caps',
    (file) => Object.assign(file['engineLogBytes'] as object, { value: 1000 }),
    /\/engineLogBytes must be above/,
  ],
  [
    'a hidden cgroup',
    (file) => file.maskedPaths.push({ value: '/sys/fs/cgroup/x', reason: 'hide the limits' }),
    /must not hide/,
  ],
  [
    'a mask outside proc, sys and dev',
    (file) => file.maskedPaths.push({ value: '/app', reason: 'hide the program' }),
    /maskedPaths/,
  ],
  [
    'a seccomp file elsewhere',
    (file) => Object.assign(file['seccomp'] as object, { value: '../../x.json' }),
    /\/seccomp\/value/,
  ],
])('%s is invalid_policy', ([, change, message]) => {
  const file = read('default.json')
  change(file)

  expect(() => parse(file)).toThrow(message)
  expect(() => parse(file)).toThrow(expect.objectContaining({ code: 'invalid_policy' }))
})

test('a file with a base says only what it changes, and an error names the file and what to do', () => {
  const trusted = read('trusted.json')
  const bad = (change: object) => () => parse({ ...trusted, ...change }, 'trusted.json')

  expect(parse(trusted, 'trusted.json')).toMatchObject({ name: 'trusted', pids: 64, cores: 2 })
  expect(bad({ base: 'trusted' })).toThrow(
    /Cannot load policy "trusted.json": \/base is "trusted", which has a base itself/,
  )
  expect(bad({ base: '../x' })).toThrow(/\/base must be the name of a policy/)
  expect(bad({ description: undefined })).toThrow(/Cannot load policy "trusted.json"/)
  expect(bad({ pidz: { value: 64, reason: 'a slip of the pen' } })).toThrow(
    expect.objectContaining({
      hint: 'Remove /pidz from sandbox-policies/trusted.json, or correct its name; sandbox-policies/README.md lists the keys',
    }),
  )
  expect(bad({ cores: { value: 0, reason: 'none at all, please' } })).toThrow(
    expect.objectContaining({ hint: expect.stringContaining('Correct /cores/value in sandbox-policies/trusted.json') }),
  )
})

test('the rules of mongo-network are those of default and a TCP client that nobody can call', () => {
  const base = parse(read('default.json')).seccomp
  const { syscalls } = parse(read('mongo-network.json'), 'mongo-network.json').seccomp
  const added = syscalls.slice(base.syscalls.length)

  expect(syscalls.slice(0, base.syscalls.length)).toEqual(base.syscalls)
  expect(added.flatMap(({ names }) => names).sort()).toEqual([
    'connect',
    'getpeername',
    'getsockname',
    'getsockopt',
    'setsockopt',
    'setsockopt',
    'shutdown',
    'socket',
  ])
  expect(added.find(({ names }) => names.includes('socket'))?.args).toMatchObject([{ value: 2 }, { value: 0x80801 }])
})

test('whatever is added to a file anywhere, or put in the place of a value, is invalid_policy', () => {
  const paths = [[], ...Object.keys(read('default.json')).map((key) => [key])] as string[][]
  const odd = fc.oneof(fc.constant(null), fc.boolean(), fc.array(fc.anything(), { maxLength: 2 }), fc.constant({}))
  fc.assert(
    fc.property(fc.constantFrom(...paths), fc.string({ minLength: 1, maxLength: 12 }), odd, (path, name, value) => {
      const file = read('default.json')
      const key = path[0]
      if (key === undefined) Object.assign(file, { [`x${name}`]: value })
      else if (['name', 'description'].includes(key) || Array.isArray(file[key])) Object.assign(file, { [key]: value })
      else Object.assign(file[key] as object, { [`x${name}`]: value })

      expect(() => parse(file)).toThrow(
        expect.objectContaining({
          code: 'invalid_policy',
          hint: expect.stringContaining('sandbox-policies/') as string,
        }),
      )
    }),
    { numRuns: 300 },
  )
})

test('the hash follows values and rules, not reasons or the order of keys', () => {
  const base = parse(read('default.json')).hash
  const reworded = read('default.json')
  for (const entry of Object.values(reworded))
    if (typeof entry === 'object' && 'reason' in entry) entry.reason = 'another reason'
  const reversed = Object.fromEntries(Object.entries(read('default.json')).reverse())
  const changed = read('default.json')
  Object.assign(changed['pids'] as object, { value: 63 })

  expect(parse(reworded).hash).toBe(base)
  expect(parse(reversed).hash).toBe(base)
  expect(parse(changed).hash).not.toBe(base)
  expect(base).toMatch(/^[0-9a-f]{64}$/)
  expect(canonicalJson({ b: 1, a: [{ d: 1, c: 2 }] })).toBe('{"a":[{"c":2,"d":1}],"b":1}')
})

test('the seccomp profile is an allow-list for one architecture and every rule says who needs it', () => {
  const { seccomp } = parse(read('default.json'))
  const sent = JSON.parse(buildSeccompJson(seccomp, { architecture: 'x64', enosysAction: 'SCMP_ACT_ERRNO' })) as {
    architectures: string[]
    defaultAction: string
    syscalls: { names: string[]; action: string; args?: unknown[]; comment?: string }[]
  }
  const allowed = sent.syscalls.filter((rule) => rule.action === 'SCMP_ACT_ALLOW')
  const names = allowed.flatMap((rule) => rule.names)

  expect(sent.architectures).toEqual(['SCMP_ARCH_X86_64'])
  expect(sent.defaultAction).toBe('SCMP_ACT_ERRNO')
  expect(seccomp.syscalls.every((rule) => rule.comment.length > 20 || /^[A-Z_]+/.test(rule.comment))).toBe(true)
  expect(sent.syscalls.some((rule) => 'comment' in rule)).toBe(false)
  for (const forbidden of [
    'socket',
    'ptrace',
    'process_vm_readv',
    'memfd_create',
    'execveat',
    'userfaultfd',
    'io_uring_setup',
    'keyctl',
    'bpf',
    'perf_event_open',
    'unshare',
    'setns',
    'mount',
    'flock',
    'fork',
    'vfork',
    'clone3',
    'kill',
    'chmod',
    'symlink',
    'mknod',
    'setsid',
    'splice',
    'shmget',
    'inotify_init1',
  ])
    expect(names).not.toContain(forbidden)
  for (const filtered of ['clone', 'fcntl', 'ioctl', 'prctl', 'prlimit64'])
    expect(allowed.filter((rule) => rule.names.includes(filtered)).every((rule) => rule.args?.length === 1)).toBe(true)
})
