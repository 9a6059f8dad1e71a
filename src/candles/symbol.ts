import { PlatformError } from '../errors.ts'

export const MARKETS = ['spot', 'perpetual'] as const
export type Market = (typeof MARKETS)[number]

/** Symbols become folder names of the archive: an allow-list, so that no path can be built from one. */
const SYMBOL = /^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/

/** Whether a symbol is one that this system stores: 1 to 32 letters, digits, dots, dashes and underscores, without "..". */
export function isSymbol(text: string): boolean {
  return SYMBOL.test(text) && !text.includes('..')
}

/** @throws PlatformError usage, for a symbol that is not on the allow-list. */
export function checkSymbol(symbol: string): void {
  if (isSymbol(symbol)) return
  throw new PlatformError(
    'usage',
    `Cannot use symbol ${JSON.stringify(symbol.slice(0, 64))}: it is not a symbol name, expected 1 to 32 letters, digits, ".", "-" or "_", beginning with a letter or digit`,
  )
}
