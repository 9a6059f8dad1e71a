const MONEY = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
const PRICE = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 8 })

export const money = (value) => MONEY.format(value)
export const price = (value) => PRICE.format(value)
export const percent = (value) => `${MONEY.format(value * 100)} %`

/** 2024-01-01 00:00, the time of day only where the bars need it. */
export function stamp(ms, barMs) {
  const iso = new Date(ms).toISOString()
  return barMs !== null && barMs < 86_400_000 ? `${iso.slice(0, 10)} ${iso.slice(11, 16)}` : iso.slice(0, 10)
}

export const words = (name) => name.replaceAll('_', ' ')

const COMPACT = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 2 })

/** Short enough for an axis. */
export const axisPrice = (value) => (Math.abs(value) >= 10_000_000 ? COMPACT.format(value) : price(value))
export const axisMoney = (value) => COMPACT.format(value)
