import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import type IsolatedVm from 'isolated-vm'

/** isolated-vm: in the image the addon alone lies beside the program, in a clone its package is installed. */
export function loadIsolatedVm(): typeof IsolatedVm {
  const load = createRequire(import.meta.url)
  const addon = new URL('./isolated-vm.node', import.meta.url)
  if (existsSync(addon)) return (load('./isolated-vm.node') as { ivm: typeof IsolatedVm }).ivm
  return load('isolated-vm') as typeof IsolatedVm
}
