/* global uPlot */
import { float64, lowerIndex, times } from './columns.js'
import { axisPrice, price, stamp, words } from './format.js'
import { chartBase } from './sync.js'
import { axes } from './theme.js'

const MIN_BODY_PX = 3
const MAX_TRIANGLES = 1500

/** Columns of one symbol, decoded once. */
function decodeSymbol(symbol) {
  return {
    time: times(symbol.t),
    open: float64(symbol.o),
    high: float64(symbol.h),
    low: float64(symbol.l),
    close: float64(symbol.c),
  }
}

/** Candles as bodies where there is room for them, else as a band from low to high with the closes on it. */
function drawCandles(chart, candles, widthMs, theme) {
  const { ctx, bbox } = chart
  const first = Math.max(0, lowerIndex(candles.time, chart.scales.x.min) - 1)
  const end = Math.min(candles.time.length, lowerIndex(candles.time, chart.scales.x.max) + 1)
  const x = (ms) => chart.valToPos(ms, 'x', true)
  const y = (value) => chart.valToPos(value, 'y', true)
  const step = x(chart.scales.x.min + widthMs) - x(chart.scales.x.min)
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  if (step < MIN_BODY_PX * devicePixelRatio) drawBand({ ctx, candles, first, end, x, y, theme, half: step / 2 })
  else drawBodies({ ctx, candles, first, end, x, y, theme, step })
  ctx.restore()
}

function drawBand({ ctx, candles, first, end, x, y, theme, half }) {
  ctx.strokeStyle = theme.accent
  ctx.globalAlpha = 0.35
  ctx.lineWidth = Math.max(1, half * 2)
  ctx.beginPath()
  for (let i = first; i < end; i++) {
    const at = x(candles.time[i]) + half
    ctx.moveTo(at, y(candles.high[i]))
    ctx.lineTo(at, y(candles.low[i]))
  }
  ctx.stroke()
  ctx.globalAlpha = 1
  ctx.lineWidth = devicePixelRatio
  ctx.beginPath()
  for (let i = first; i < end; i++) ctx.lineTo(x(candles.time[i]) + half, y(candles.close[i]))
  ctx.stroke()
}

function drawBodies({ ctx, candles, first, end, x, y, theme, step }) {
  const body = Math.max(1, step * 0.7)
  for (const rising of [true, false]) {
    ctx.fillStyle = rising ? theme.up : theme.down
    for (let i = first; i < end; i++) {
      if (candles.close[i] >= candles.open[i] !== rising) continue
      const left = x(candles.time[i]) + (step - body) / 2
      const wick = Math.max(1, Math.round(devicePixelRatio))
      const top = y(Math.max(candles.open[i], candles.close[i]))
      const bottom = y(Math.min(candles.open[i], candles.close[i]))
      ctx.fillRect(left + body / 2 - wick / 2, y(candles.high[i]), wick, y(candles.low[i]) - y(candles.high[i]))
      ctx.fillRect(left, top, body, Math.max(1, bottom - top))
    }
  }
  ctx.globalAlpha = 1
}

/** Each fill at its own time and price: a triangle whose tip is the fill, or a dot where they are crowded. */
function drawFills(chart, fills, theme) {
  const { ctx, bbox } = chart
  const first = lowerIndex(fills.time, chart.scales.x.min)
  const end = lowerIndex(fills.time, chart.scales.x.max + 1)
  const size = 5 * devicePixelRatio
  const crowded = end - first > MAX_TRIANGLES
  const dot = devicePixelRatio
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  ctx.globalAlpha = crowded ? 0.5 : 1
  for (const side of [0, 1]) {
    ctx.fillStyle = side === 0 ? theme.buy : theme.sell
    ctx.strokeStyle = theme.card
    ctx.lineWidth = 2 * devicePixelRatio
    ctx.beginPath()
    for (let i = first; i < end; i++) {
      if (fills.side[i] !== side) continue
      const x = chart.valToPos(fills.time[i], 'x', true)
      const y = chart.valToPos(fills.price[i], 'y', true)
      if (crowded) {
        ctx.rect(x - dot, y - dot, 2 * dot, 2 * dot)
        continue
      }
      const away = side === 0 ? 1.7 * size : -1.7 * size
      ctx.moveTo(x, y)
      ctx.lineTo(x - size, y + away)
      ctx.lineTo(x + size, y + away)
      ctx.closePath()
    }
    if (!crowded) ctx.stroke()
    ctx.fill()
  }
  ctx.restore()
}

/** Index of the fill nearest to a point within 12 px, or -1. */
function fillAt(chart, fills, left, top) {
  const reach = 12
  const first = lowerIndex(fills.time, chart.posToVal(left - reach, 'x'))
  const end = lowerIndex(fills.time, chart.posToVal(left + reach, 'x'))
  let nearest = -1
  let best = reach * reach
  for (let i = first; i < end; i++) {
    const dx = chart.valToPos(fills.time[i], 'x') - left
    const dy = chart.valToPos(fills.price[i], 'y') - top
    if (dx * dx + dy * dy > best) continue
    best = dx * dx + dy * dy
    nearest = i
  }
  return nearest
}

function readoutText({ chart, candles, fills, names, barMs }) {
  const { left, top, idx } = chart.cursor
  if (left < 0 || typeof idx !== 'number') return ''
  const fill = top < 0 ? -1 : fillAt(chart, fills, left, top)
  if (fill >= 0) {
    const side = fills.side[fill] === 0 ? 'Bought' : 'Sold'
    const why = `${words(names.reasons[fills.reason[fill]])}, ${names.rules[fills.rule[fill]]}`
    return `${stamp(fills.time[fill], barMs)}  ${side} ${price(fills.quantity[fill])} at ${price(fills.price[fill])} (${why})`
  }
  const at = (column) => price(column[idx])
  return `${stamp(candles.time[idx], barMs)}  O ${at(candles.open)}  H ${at(candles.high)}  L ${at(candles.low)}  C ${at(candles.close)}`
}

/** The price chart of one symbol with all its fills; `onPainted` is called once it stands on the screen. */
export function createPriceChart({ container, readout, symbol, fills, names, barMs, range, sync, theme, onPainted }) {
  const candles = decodeSymbol(symbol)
  const widthMs =
    (barMs ?? (candles.time.length > 1 ? candles.time[1] - candles.time[0] : 1) / symbol.bucket) * symbol.bucket
  const options = {
    ...chartBase(container, Math.max(260, Math.min(420, container.clientWidth * 0.45))),
    cursor: sync.cursor,
    scales: { x: { time: true, min: range.min, max: range.max }, y: { range: (_, min, max) => padded(min, max) } },
    axes: axes(theme, axisPrice),
    series: [{}, { paths: () => null, points: { show: false } }, { paths: () => null, points: { show: false } }],
    hooks: {
      draw: [
        (chart) => {
          drawCandles(chart, candles, widthMs, theme)
          drawFills(chart, fills, theme)
          requestAnimationFrame(onPainted)
        },
      ],
      setScale: [(chart, key) => sync.onScale(chart, key)],
      setCursor: [
        (chart) => {
          readout.textContent = readoutText({ chart, candles, fills, names, barMs })
        },
      ],
    },
  }
  const chart = new uPlot(options, [candles.time, candles.low, candles.high], container)
  sync.add(chart)
  return chart
}

function padded(min, max) {
  if (!Number.isFinite(min) || !Number.isFinite(max)) return [0, 1]
  const pad = (max - min) * 0.06 || Math.abs(max) * 0.01 || 1
  return [min - pad, max + pad]
}
