/** Colours of the page, as the style sheet has them now. */
export function readTheme() {
  const style = getComputedStyle(document.documentElement)
  const names = ['ink', 'muted', 'line', 'grid', 'accent', 'up', 'down', 'held', 'shade', 'card', 'buy', 'sell']
  return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]))
}

export const CHART_FONT = '12px system-ui, sans-serif'

const DAY = 86_400_000
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** Tick labels in UTC that no country reads differently; the coarser part only where it changes. */
function timeTicks(_chart, ticks, _axis, _space, step) {
  let before = ''
  return ticks.map((ms) => {
    const at = new Date(ms)
    const year = String(at.getUTCFullYear())
    const month = MONTHS[at.getUTCMonth()]
    const day = `${at.getUTCDate()} ${month}`
    const [fine, coarse] =
      step >= 360 * DAY
        ? [year, '']
        : step >= 28 * DAY
          ? [month, year]
          : step >= DAY
            ? [day, year]
            : [at.toISOString().slice(11, 16), day]
    const label = coarse === before ? fine : `${fine}\n${coarse}`
    before = coarse
    return label
  })
}

/** Axes of all charts alike, so that their plots are of one width. */
export function axes(theme, formatValue) {
  const common = {
    stroke: theme.muted,
    font: CHART_FONT,
    grid: { stroke: theme.grid, width: 1 },
    ticks: { stroke: theme.line, width: 1, size: 4 },
  }
  return [
    { ...common, space: 70, values: timeTicks },
    { ...common, size: innerWidth < 560 ? 62 : 84, values: (_, ticks) => ticks.map(formatValue) },
  ]
}
