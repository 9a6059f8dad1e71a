/** Colours of the page, as the style sheet has them now. */
export function readTheme() {
  const style = getComputedStyle(document.documentElement)
  const names = ['ink', 'muted', 'line', 'grid', 'accent', 'up', 'down', 'held', 'shade', 'card', 'tint']
  return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]))
}

export const CHART_FONT = '12px system-ui, sans-serif'

/** Axes of all charts alike, so that their plots are of one width. */
export function axes(theme, formatValue) {
  const common = {
    stroke: theme.muted,
    font: CHART_FONT,
    grid: { stroke: theme.grid, width: 1 },
    ticks: { stroke: theme.line, width: 1, size: 4 },
  }
  return [
    { ...common, space: 70 },
    { ...common, size: 74, values: (_, ticks) => ticks.map(formatValue) },
  ]
}
