import type { PolicyValues } from './policy-file.ts'

/** Where a runtime is not as runc is. What it does differently stands here as data, so that no other file asks for its name. */
export interface RuntimeTraits {
  /** How the profile says "as if the kernel had no such call": the action of a rule whose errnoRet is ENOSYS. */
  readonly enosysAction: 'SCMP_ACT_ERRNO' | 'SCMP_ACT_TRACE'
  /** Limits that hold on the host and that the cell's own cgroup files do not show; it reads them as absent. */
  readonly hidden: readonly ('pids' | 'swapBytes')[]
  /** Options of the tmpfs that the mount table of the cell shows. */
  readonly tmpfsOptions: readonly ('noexec' | 'nosuid' | 'nodev' | 'size' | 'nr_inodes')[]
}

const RUNC: RuntimeTraits = {
  enosysAction: 'SCMP_ACT_ERRNO',
  hidden: [],
  tmpfsOptions: ['noexec', 'nosuid', 'nodev', 'size', 'nr_inodes'],
}

export const RUNTIMES: Readonly<Record<PolicyValues['runtime'], RuntimeTraits>> = {
  runc: RUNC,
  /**
   * gVisor answers every errnoRet with EPERM, with which glibc does not fall back from clone3; a call that is to be traced
   * and that nobody traces is answered with ENOSYS, by it as by Linux. pids and swap are limits of the host's cgroup,
   * outside of the sandbox; its own tmpfs knows no limit of inodes and no device files.
   */
  runsc: { enosysAction: 'SCMP_ACT_TRACE', hidden: ['pids', 'swapBytes'], tmpfsOptions: ['noexec', 'nosuid', 'size'] },
  /** Not run by any test. */
  kata: RUNC,
}
