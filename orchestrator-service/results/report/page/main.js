import { float32, float64, times, uint16, uint8 } from './columns.js'
import { createDrawdownChart, createEquityChart } from './line-charts.js'
import { createPriceChart } from './price-chart.js'
import { createSync } from './sync.js'
import { readTheme } from './theme.js'
import { createTradeTable } from './trade-table.js'

const data = JSON.parse(document.getElementById('report-data').textContent)
const byId = (id) => document.getElementById(id)

/** Fills of each symbol by index, ascending by time as they come. */
function splitFills() {
  const all = {
    time: times(data.fills.t),
    price: float64(data.fills.p),
    quantity: float32(data.fills.q),
    side: uint8(data.fills.k),
    reason: uint8(data.fills.r),
    rule: uint8(data.fills.u),
  }
  const symbols = uint16(data.fills.s)
  const rows = data.names.symbols.map(() => [])
  for (let i = 0; i < symbols.length; i++) rows[symbols[i]].push(i)
  return rows.map((indices) =>
    Object.fromEntries(
      Object.entries(all).map(([name, column]) => [name, column.constructor.from(indices, (i) => column[i])]),
    ),
  )
}

function note(symbol) {
  const bars = symbol.bars.toLocaleString('en-US')
  const merged =
    symbol.bucket > 1
      ? ` as ${Math.ceil(symbol.bars / symbol.bucket).toLocaleString('en-US')} candles of ${symbol.bucket} bars; every extreme is kept`
      : ''
  return `${bars} bars${merged}. Markers are exact; a fill inside a bar stands at the bar's open time. Times are UTC. Drag to zoom, double-click to reset.`
}

/** When the first price chart stood on the screen, ms since the navigation; read by tests. */
function painted() {
  window['__hotcellPainted'] ??= performance.now()
}

function start() {
  const sync = createSync()
  const range = { min: data.window.start, max: data.window.end }
  const fills = splitFills()
  let charts = []
  let current = 0
  let theme = readTheme()

  const indexOf = new Map(data.symbols.map((symbol, index) => [symbol.symbol, index]))

  function drawPrice(zoom) {
    const symbol = data.symbols[current]
    if (symbol === undefined) return
    const container = byId('price-chart')
    const [old] = charts
    if (old) {
      sync.remove(old)
      old.destroy()
    }
    const ofSymbol = fills[data.names.symbols.indexOf(symbol.symbol)]
    charts[0] = createPriceChart({
      container,
      readout: byId('price-readout'),
      symbol,
      fills: ofSymbol,
      names: data.names,
      barMs: data.barMs,
      range: zoom,
      sync,
      theme,
      onPainted: painted,
    })
    byId('price-note').textContent = note(symbol)
  }

  function drawAll(zoom) {
    for (const chart of charts) {
      if (!chart) continue
      sync.remove(chart)
      chart.destroy()
    }
    charts = []
    drawPrice(zoom)
    const common = { barMs: data.barMs, range: zoom, sync, theme }
    charts[1] = createEquityChart({
      ...common,
      equity: data.equity,
      held: data.held,
      container: byId('equity-chart'),
      readout: byId('equity-readout'),
    })
    charts[2] = createDrawdownChart({
      ...common,
      drawdown: data.drawdown,
      container: byId('drawdown-chart'),
      readout: byId('drawdown-readout'),
    })
  }

  const zoomed = () => ({ min: charts[1].scales.x.min, max: charts[1].scales.x.max })

  function setUpSymbols() {
    const select = byId('symbol')
    if (select === null) return
    data.symbols.forEach((symbol, index) => select.add(new Option(symbol.symbol, String(index))))
    select.addEventListener('change', () => {
      current = Number(select.value)
      drawPrice(zoomed())
    })
    byId('reset').addEventListener('click', () => sync.zoomTo(range.min, range.max, null))
  }

  function showTrade({ symbol, entry, exit }) {
    const index = indexOf.get(data.names.symbols[symbol])
    const margin = Math.max((exit - entry) * 0.5, (data.barMs ?? 2_592_000_000) * 10)
    if (index !== undefined && index !== current) {
      current = index
      byId('symbol').value = String(index)
      drawPrice(zoomed())
    }
    sync.zoomTo(Math.max(range.min, entry - margin), Math.min(range.max, exit + margin), null)
    byId('price-chart')?.scrollIntoView({ block: 'center' })
  }

  setUpSymbols()
  drawAll(range)
  createTradeTable({
    table: byId('trades'),
    pager: byId('pager'),
    trades: data.trades,
    names: data.names,
    barMs: data.barMs,
    onSelect: showTrade,
  })
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    theme = readTheme()
    drawAll(zoomed())
  })
  let width = innerWidth
  addEventListener('resize', () => {
    if (innerWidth === width) return
    width = innerWidth
    drawAll(zoomed())
  })
}

if (data.equity !== null) start()
