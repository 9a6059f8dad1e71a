import type { CellExit } from '../../orchestrator-service/sandbox/exit.ts'

/**
 * Programs for the open cell that make system calls directly, as native code would: through `syscall(2)` of the C library
 * and, for the 32-bit entry, with a few bytes of machine code that `bsearch(3)` calls as its comparison.
 */
const CALLS = `
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads'
import ffi from 'node:ffi'
const { functions: { syscall, __errno_location: errnoLocation, bsearch } } = ffi.dlopen('libc.so.6', {
  syscall: { arguments: ['i64', 'i64', 'i64', 'i64', 'i64', 'i64', 'i64'], return: 'i64' },
  __errno_location: { arguments: [], return: 'pointer' },
  bsearch: { arguments: ['pointer', 'pointer', 'i64', 'i64', 'pointer'], return: 'pointer' },
})
/** Result, or minus errno. */
function call(number, values) {
  const result = Number(syscall(...[number, ...values, 0, 0, 0, 0, 0, 0].slice(0, 7).map(BigInt)))
  return result === -1 ? -ffi.getInt32(errnoLocation(), 0) : result
}
`

/** Makes each call once and answers with the results in order. */
export function callAll(calls: readonly (readonly [number: number, ...values: number[]])[]): string {
  return `${CALLS}
fs.writeSync(1, JSON.stringify(${JSON.stringify(calls)}.map(([number, ...values]) => call(number, values))))
call(231, [0])
`
}

/**
 * Makes one call in a thread of its own and answers with its result, or with null when the thread did not live to tell.
 * `entry` int80: the number is of the 32-bit table.
 */
export function callInThread(entry: 'syscall' | 'int80', number: number): string {
  const source = `
const { parentPort } = require('node:worker_threads')
import('node:ffi').then(({ default: ffi }) => {
${CALLS.slice(CALLS.indexOf('const {'))}
  const INT80 = [0x53, 0xb8, ${[0, 8, 16, 24].map((shift) => (number >>> shift) & 255).join(', ')}, 0xcd, 0x80, 0x48, 0x98, 0x48, 0x89, 0x07, 0x31, 0xc0, 0x5b, 0xc3]
  if ('${entry}' === 'syscall') parentPort.postMessage(call(${number}, []))
  else {
    const bytes = new Uint8Array(8192)
    const start = Number(ffi.getRawPointer(bytes))
    const page = start + 4096 - (start % 4096)
    bytes.set(INT80, page - start)
    const protection = call(10, [page, 4096, 7])
    const key = new Uint8Array(8)
    if (protection === 0) bsearch(ffi.getRawPointer(key), ffi.getRawPointer(key), 1n, 8n, BigInt(page))
    parentPort.postMessage(protection === 0 ? new DataView(key.buffer).getInt32(0, true) : 'mprotect ' + protection)
  }
})`
  return `${CALLS}
const worker = new Worker(${JSON.stringify(source)}, { eval: true })
const told = await new Promise((done) => {
  worker.on('message', done)
  worker.on('error', (error) => done(String(error)))
  setTimeout(() => done(null), 1500)
})
fs.writeSync(1, JSON.stringify(told))
call(231, [0])
`
}

export function answerOf({ stdout, cause }: CellExit): unknown {
  if (cause !== null) throw new Error(`The probe ended with ${cause.kind}(${cause.reason}): ${cause.message}`)
  return JSON.parse(Buffer.from(stdout).toString('utf8')) as unknown
}
