/**
 * Technique: makes the system calls that escapes are built from, directly through node:ffi. Numbers are of x86_64.
 * Expected: platform_error(protocol).
 * Stopped by: seccomp allow-list: what is not listed is EPERM or ENOSYS. Behind it: no capabilities, no-new-privileges, private name spaces.
 * Single layer: a sweep over the list itself; the attacks of each family show what stands behind it.
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '72-kernel-surface',
  where: 'open',
  family: 'kernel',
  technique: 'makes the system calls that escapes are built from, directly through node:ffi',
  stoppedBy: 'seccomp allow-list: what is not listed is EPERM or ENOSYS',
  behind: 'no capabilities, no-new-privileges, private name spaces',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`
const { call } = await attack.loadSystemCalls()
const CALLS = {
  socket_inet: [41, 2, 1, 0], socket_unix: [41, 1, 1, 0], socket_netlink: [41, 16, 3, 0], socket_alg: [41, 38, 5, 0], socket_vsock: [41, 40, 1, 0], socketpair: [53, 1, 1, 0],
  ptrace: [101, 0], process_vm_readv: [310, 1], process_vm_writev: [311, 1], kcmp: [312, 1, 1], pidfd_open: [434, 1, 0], pidfd_getfd: [438, 0, 0],
  unshare_user: [272, 0x10000000], unshare_ns: [272, 0x20000], setns: [308, 0, 0], mount: [165], umount: [166], pivot_root: [155], chroot: [161],
  fsopen: [430], open_tree: [428, -1], move_mount: [429], mknod: [133], name_to_handle_at: [303], open_by_handle_at: [304], execveat: [322],
  memfd_create: [319, 0, 0], memfd_secret: [447, 0], userfaultfd: [323, 0], bpf: [321, 0], perf_event_open: [298, 0], io_uring_setup: [425, 1, 0],
  keyctl: [250, 0], add_key: [248], request_key: [249], init_module: [175], finit_module: [313], kexec_load: [246], reboot: [169], swapon: [167], syslog: [103, 3],
  setuid: [105, 0], setgid: [106, 0], setgroups: [116, 0], setresuid: [117, 0, 0, 0], capset: [126], personality: [135, 0x40000], seccomp: [317, 1],
  prctl_dumpable: [157, 4, 1], prctl_securebits: [157, 28, 0], prctl_set_mm: [157, 35], arch_ioperm: [173, 0, 1, 1], iopl: [172, 3], modify_ldt: [154, 1],
  shmget: [29, 0, 4096, 0o1600], msgget: [68, 0, 0o1600], semget: [64, 0, 1, 0o1600], mq_open: [240], flock: [73, 1, 2], inotify_init: [253], fanotify_init: [300],
  timerfd_create: [283, 1, 0], signalfd: [282], splice: [275], vmsplice: [278], tee: [276], kill: [62, -1, 9], tkill: [200, 1, 9], setsid: [112], setpgid: [109, 0, 0],
  sched_setaffinity: [203], sched_setscheduler: [144], setpriority: [141, 0, 0, -20], setrlimit: [160, 7], prlimit_set: [302, 0, 7, 1],
  acct: [163], quotactl: [179], settimeofday: [164], clock_settime: [227], adjtimex: [159], sethostname: [170], lookup_dcookie: [212], landlock: [444], mlock: [149, 0, 4096], chmod: [90], symlink: [88], link: [86], truncate: [76],
}
const worked = []
const codes = new Set()
for (const [name, [number, ...values]] of Object.entries(CALLS)) {
  const result = call(number, ...values)
  codes.add(result)
  if (result !== -1 && result !== -38) worked.push(name + ' ' + result)
}
attack.report({ worked, calls: Object.keys(CALLS).length, codes: [...codes] })
process.exit(0)
`,
  check: ({ report }) => {
    assert.deepEqual(report['worked'], [])
    assert.ok(Number(report['calls']) > 80)
  },
  singleLayer: 'a sweep over the list itself; the attacks of each family show what stands behind it',
}
