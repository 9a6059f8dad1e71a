import { describe, it } from 'vitest'
import { cgroupPaths } from '../../../orchestrator-service/sandbox/cgroup-counters.ts'

const ID = '0b289ae283a5a7ac'
const HERE = `/docker/${ID}`

describe('cgroupPaths()', () => {
  it('finds the folders of version 1 beside that of version 2', ({ expect }) => {
    const text = `9:name=systemd:${HERE}\n4:memory:${HERE}\n2:cpu,cpuacct:${HERE}\n0::${HERE}\n`

    expect(Object.fromEntries(cgroupPaths(text, ID))).toEqual({
      'name=systemd': `/systemd${HERE}`,
      memory: `/memory${HERE}`,
      cpu: `/cpu,cpuacct${HERE}`,
      cpuacct: `/cpu,cpuacct${HERE}`,
      unified: HERE,
    })
  })

  it('does not take the counters of the whole machine for those of a process that is ending', ({ expect }) => {
    const text = `9:name=systemd:/\n4:memory:/\n2:cpuacct:/\n0::${HERE}\n`

    expect(Object.fromEntries(cgroupPaths(text, ID))).toEqual({ unified: HERE })
  })

  it('finds nothing of another container, or of no process', ({ expect }) => {
    expect(cgroupPaths(`4:memory:/docker/another\n0::/\n`, ID).size).toBe(0)
    expect(cgroupPaths('', ID).size).toBe(0)
  })
})
