import { PlatformError } from '../../../src/errors.ts'
import { connectEngine } from '../docker-client.ts'
import { ensureImage } from './ensure-image.ts'

// The image step of set-up: `node provide-image.ts [BASE]`. One line when something was done, one when it failed.
try {
  await ensureImage(connectEngine().docker, { log: say, base: process.argv[2] })
} catch (error) {
  const lines = error instanceof PlatformError ? [error.message, error.hint] : [String(error)]
  lines.forEach(say)
  process.exitCode = 1
}

function say(line: string): void {
  process.stderr.write(`setup: ${line}\n`)
}
