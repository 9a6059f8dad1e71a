/** Bytes of a base64 column, on a buffer of their own, so that any element type can be laid over it. */
function bytesOf(text) {
  const binary = atob(text)
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i)
  return bytes.buffer
}

export const float64 = (text) => new Float64Array(bytesOf(text))
export const float32 = (text) => new Float32Array(bytesOf(text))
export const uint16 = (text) => new Uint16Array(bytesOf(text))
export const uint8 = (text) => new Uint8Array(bytesOf(text))

/** Times come as minutes since the epoch and leave as ms. */
export const times = (text) => Float64Array.from(new Uint32Array(bytesOf(text)), (minute) => minute * 60_000)

/** First index whose value is >= x, in an ascending column. */
export function lowerIndex(column, x) {
  let low = 0
  let high = column.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (column[middle] < x) low = middle + 1
    else high = middle
  }
  return low
}
