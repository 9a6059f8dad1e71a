/** Raw system calls from inside a cell: `node:ffi` gives the attacker what native code would. */
interface Ffi {
  dlopen(
    path: string,
    functions: Readonly<Record<string, { arguments: readonly string[]; return: string }>>,
  ): { functions: Record<string, (...values: bigint[]) => bigint> }
  getInt32(pointer: bigint, offset: number): number
}

export interface SystemCalls {
  /** Result of the call, or minus errno. */
  call(number: number, ...values: (number | bigint)[]): number
  /** Address of bytes that stay where they are as long as the array lives. */
  address(bytes: Uint8Array): bigint
  /** A string as C has it. */
  text(value: string): Buffer
}

export async function loadSystemCalls(): Promise<SystemCalls> {
  const name = 'node:ffi'
  const ffi = (await import(name)) as Ffi & { getRawPointer(bytes: Uint8Array): bigint }
  const seven = Array.from({ length: 7 }, () => 'i64')
  const { functions } = ffi.dlopen('libc.so.6', {
    syscall: { arguments: seven, return: 'i64' },
    __errno_location: { arguments: [], return: 'pointer' },
  })
  const { syscall, __errno_location: errnoLocation } = functions
  return {
    call(number, ...values) {
      const filled = [...values, 0, 0, 0, 0, 0, 0].slice(0, 6).map(BigInt)
      const result = Number(syscall!(BigInt(number), ...filled))
      return result === -1 ? -ffi.getInt32(errnoLocation!(), 0) : result
    },
    address: (bytes) => ffi.getRawPointer(bytes),
    text: (value) => Buffer.from(`${value}\0`),
  }
}
