import { float64, times, uint16, uint8 } from './columns.js'
import { money, percent, price, stamp, words } from './format.js'

const PAGE_ROWS = 25

function decodeTrades(trades) {
  const columns = {
    entry: times(trades.et),
    exit: times(trades.xt),
    symbol: uint16(trades.s),
    exits: uint16(trades.n),
    reason: uint8(trades.r),
  }
  for (const [name, key] of [
    ['quantity', 'q'],
    ['entryPrice', 'ep'],
    ['exitPrice', 'xp'],
    ['net', 'net'],
    ['fees', 'fee'],
  ])
    columns[name] = float64(trades[key])
  return columns
}

function cell(text, className) {
  const td = document.createElement('td')
  td.textContent = text
  if (className !== undefined) td.className = className
  return td
}

const HEADINGS = [
  ['Symbol', (t, i) => t.symbol[i]],
  ['Entry', (t, i) => t.entry[i]],
  ['Exit', (t, i) => t.exit[i]],
  ['Quantity', (t, i) => t.quantity[i], 'n'],
  ['Entry price', (t, i) => t.entryPrice[i], 'n'],
  ['Exit price', (t, i) => t.exitPrice[i], 'n'],
  ['Fees', (t, i) => t.fees[i], 'n'],
  ['Net P&L', (t, i) => t.net[i], 'n'],
  ['Return', (t, i) => t.net[i] / (t.quantity[i] * t.entryPrice[i]), 'n'],
  ['Ended by', (t, i) => t.reason[i]],
]

/** The list of closed trades, a page at a time; headings sort, a row shows its trade in the chart. */
export function createTradeTable({ table, pager, trades: encoded, names, barMs, onSelect }) {
  const trades = decodeTrades(encoded)
  const count = trades.entry.length
  const order = Uint32Array.from({ length: count }, (_, i) => i)
  const state = { page: 0, column: 1, descending: false }
  const body = document.createElement('tbody')

  function row(i) {
    const tr = document.createElement('tr')
    const tone = trades.net[i] < 0 ? 'n down' : trades.net[i] > 0 ? 'n up' : 'n'
    const exits = trades.exits[i] > 1 ? ` (${trades.exits[i]} exits)` : ''
    tr.append(
      cell(names.symbols[trades.symbol[i]]),
      cell(stamp(trades.entry[i], barMs)),
      cell(stamp(trades.exit[i], barMs)),
      cell(price(trades.quantity[i]), 'n'),
      cell(price(trades.entryPrice[i]), 'n'),
      cell(price(trades.exitPrice[i]), 'n'),
      cell(money(trades.fees[i]), 'n'),
      cell(money(trades.net[i]), tone),
      cell(percent(HEADINGS[8][1](trades, i)), tone),
      cell(words(names.reasons[trades.reason[i]] ?? '') + exits),
    )
    const select = () => onSelect({ symbol: trades.symbol[i], entry: trades.entry[i], exit: trades.exit[i] })
    tr.tabIndex = 0
    tr.addEventListener('click', select)
    tr.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') select()
    })
    return tr
  }

  const pages = Math.max(1, Math.ceil(count / PAGE_ROWS))
  const button = (text, step) => {
    const element = document.createElement('button')
    element.type = 'button'
    element.textContent = text
    element.addEventListener('click', () => {
      state.page += step
      show()
    })
    return element
  }
  const back = button('Earlier', -1)
  const on = button('Later', 1)
  const label = document.createElement('span')
  label.className = 'muted small'

  function show() {
    const from = state.page * PAGE_ROWS
    const shown = Array.from(order.subarray(from, from + PAGE_ROWS), row)
    body.replaceChildren(...shown)
    back.disabled = state.page === 0
    on.disabled = state.page >= pages - 1
    label.textContent =
      count === 0 ? 'No closed trade' : `${from + 1}–${from + shown.length} of ${count.toLocaleString('en-US')}`
  }

  function sortBy(column) {
    state.descending = state.column === column ? !state.descending : false
    state.column = column
    const key = HEADINGS[column][1]
    const sign = state.descending ? -1 : 1
    order.sort((a, b) => sign * (key(trades, a) - key(trades, b)) || a - b)
    state.page = 0
    markSorted()
    show()
  }

  const head = document.createElement('tr')

  function markSorted() {
    HEADINGS.forEach(([text], column) => {
      const arrow = state.descending ? ' ↓' : ' ↑'
      head.children[column].textContent = column === state.column ? text + arrow : text
    })
  }

  HEADINGS.forEach(([text, , className], column) => {
    const th = document.createElement('th')
    th.textContent = text
    if (className !== undefined) th.className = className
    th.style.cursor = 'pointer'
    th.addEventListener('click', () => sortBy(column))
    head.append(th)
  })
  const thead = document.createElement('thead')
  thead.append(head)
  table.append(thead, body)
  pager.append(back, label, on)
  markSorted()
  show()
}
