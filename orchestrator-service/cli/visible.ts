/** Control, format (bidi) and separator characters that could move the cursor, recolour or reorder a terminal's text. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** Text of a stranger for a terminal: everything that is not plain text is shown as its code point. New lines become `\n`. */
export function visible(text: string): string {
  return text.replace(INVISIBLE, (c) => {
    if (c === '\n') return '\\n'
    if (c === '\t') return ' '
    return `\\u{${c.codePointAt(0)!.toString(16)}}`
  })
}
