#!/usr/bin/env node
// Starts under the machine's own Node and goes on under the pinned one. Plain JavaScript for that reason alone.
import { spawn } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(realpathSync(fileURLToPath(import.meta.url)))
const main = join(here, 'main.ts')
const pinned = join(here, '../../node_modules/.bin/node')
// Stripped and compiled modules are kept: a start without them costs three times as much.
const env = { NODE_COMPILE_CACHE: join(here, '../../node_modules/.cache/hotcell/compiled'), ...process.env }
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']

if (!existsSync(pinned)) {
  console.error('Cannot start hotcell: it is not set up, expected the pinned Node. Run: node setup.mjs')
  process.exitCode = 6
} else if (realpathSync(pinned) === realpathSync(process.execPath)) {
  process.argv[1] = main
  await import(main)
} else {
  const child = spawn(pinned, [main, ...process.argv.slice(2)], { stdio: 'inherit', env })
  for (const signal of SIGNALS) {
    // A key in the terminal reaches the child itself: a second one would be a second request to stop.
    process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal)))
  }
  child.once('error', (error) => {
    console.error(`Cannot start hotcell: ${error.message}`)
    process.exitCode = 6
  })
  child.once('exit', (code, signal) => {
    if (signal === null) {
      process.exitCode = code ?? 6
      return
    }
    for (const name of SIGNALS) process.removeAllListeners(name)
    process.kill(process.pid, signal)
  })
}
