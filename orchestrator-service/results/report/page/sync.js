/** Charts over the same time: one cursor, one zoom. */
export function createSync() {
  const charts = new Set()
  const cursor = uPlot.sync('report')
  let busy = false
  const zoomTo = (min, max, source) => {
    if (busy) return
    busy = true
    for (const chart of charts) if (chart !== source) chart.setScale('x', { min, max })
    busy = false
  }
  return {
    cursor: { sync: { key: cursor.key, scales: ['x', null] }, drag: { x: true, y: false }, points: { show: false } },
    add: (chart) => charts.add(chart),
    remove: (chart) => charts.delete(chart),
    zoomTo,
    /** Hook: a chart whose time range was changed by its reader takes the others along. */
    onScale(chart, key) {
      if (key === 'x' && charts.has(chart)) zoomTo(chart.scales.x.min, chart.scales.x.max, chart)
    },
  }
}

/** Options that all charts share; time in ms, shown as UTC. */
export function chartBase(container, height, range) {
  return {
    width: Math.max(240, container.clientWidth),
    height,
    ms: 1,
    tzDate: (ms) => uPlot.tzDate(new Date(ms), 'Etc/UTC'),
    legend: { show: false },
    padding: [8, 8, 0, 0],
    xRange: range,
  }
}
