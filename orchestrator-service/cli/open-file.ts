import { spawn } from 'node:child_process'

/** Opens a file with the desktop's program. False where there is none. */
export async function openFile(path: string): Promise<boolean> {
  const command = process.platform === 'darwin' ? 'open' : 'xdg-open'
  return await new Promise((resolve) => {
    const child = spawn(command, [path], { stdio: 'ignore', detached: true })
    child.on('error', () => resolve(false))
    child.on('spawn', () => {
      child.unref()
      resolve(true)
    })
  })
}
