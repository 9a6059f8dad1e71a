import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { canonicalJson, loadPolicies, parsePolicy, POLICY_DIR } from '../../../orchestrator-service/sandbox/policy.ts'
import { buildSeccompJson } from '../../../orchestrator-service/sandbox/seccomp-profile.ts'

type Entry = { value: unknown; reason: string }
type File = Record<string, Entry> & { maskedPaths: Entry[]; readonlyPaths: Entry[] }

const read = (name: string) => JSON.parse(readFileSync(join(POLICY_DIR, name), 'utf8')) as File
const readSeccomp = (name: string) => read(`seccomp/${name}`)
const parse = (file: unknown) => parsePolicy(file, 'default.json', readSeccomp)

test('loadPolicies() gives the seed values of default and trusted', () => {
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

  expect([...policies.keys()]).toEqual(['default', 'trusted'])
  expect(policies.get('default')).toMatchObject({ ...seed, cores: 1, memoryBytes: 2 ** 31 })
  expect(policies.get('trusted')).toMatchObject({ ...seed, cores: 2, memoryBytes: 2 ** 32 })
})

test.for(['default.json', 'trusted.json'])('every value of %s carries a reason', (name) => {
  const { name: _name, description: _description, maskedPaths, readonlyPaths, ...values } = read(name)

  for (const entry of [...Object.values(values), ...maskedPaths, ...readonlyPaths]) {
    expect(Object.keys(entry)).toEqual(['value', 'reason'])
    expect(entry.reason.length).toBeGreaterThan(7)
  }
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
    (file) => Object.assign(file, { network: { value: 'bridge', reason: 'because I like it' } }),
    /\/network is an unknown key/,
  ],
  [
    'an unknown key beside a value',
    (file) => Object.assign(file['pids'] as object, { note: 'x' }),
    /\/pids\/note is an unknown key/,
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
  const sent = JSON.parse(buildSeccompJson(seccomp, 'x64')) as {
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
