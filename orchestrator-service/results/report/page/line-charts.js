/* global uPlot */
import { float64, times } from './columns.js'
import { axisMoney, money, percent, stamp } from './format.js'
import { chartBase } from './sync.js'
import { axes } from './theme.js'

function createChart({ container, height, data, series, formatAxis, range, sync, theme, describe, readout }) {
  const options = {
    ...chartBase(container, height),
    cursor: sync.cursor,
    scales: { x: { time: true, min: range.min, max: range.max } },
    axes: axes(theme, formatAxis),
    series: [{}, ...series],
    hooks: {
      setScale: [(chart, key) => sync.onScale(chart, key)],
      setCursor: [
        (chart) => {
          const { idx, left } = chart.cursor
          readout.textContent = describe(left < 0 || typeof idx !== 'number' ? data[0].length - 1 : idx)
        },
      ],
    },
  }
  const chart = new uPlot(options, data, container)
  readout.textContent = describe(data[0].length - 1)
  sync.add(chart)
  return chart
}

/** Equity and buy-and-hold. */
export function createEquityChart({ equity, barMs, held, theme, ...rest }) {
  const data = [times(equity.t), float64(equity.e), float64(equity.b)]
  return createChart({
    ...rest,
    theme,
    height: 260,
    data,
    series: [
      { stroke: theme.accent, width: 1.6, points: { show: false } },
      { stroke: theme.held, width: 1.2, dash: [5, 4], points: { show: false } },
    ],
    formatAxis: axisMoney,
    describe: (i) => `${stamp(data[0][i], barMs)}  strategy ${money(data[1][i])}  ${held} ${money(data[2][i])}`,
  })
}

export function createDrawdownChart({ drawdown, barMs, theme, ...rest }) {
  const data = [times(drawdown.t), float64(drawdown.d)]
  return createChart({
    ...rest,
    theme,
    height: 160,
    data,
    series: [{ stroke: theme.down, width: 1.2, fill: theme.shade, fillTo: 0, points: { show: false } }],
    formatAxis: (value) => `${(value * 100).toFixed(Math.abs(value) < 0.1 && value !== 0 ? 1 : 0)} %`,
    describe: (i) => `${stamp(data[0][i], barMs)}  ${percent(data[1][i])} from the peak`,
  })
}
