process.env['HOTCELL_TEST_DATA'] = '/work/shared/data'
const A = '/tmp/speed/wt-diag', B = '/tmp/speed/wt-t24'
const { realShapedCandles } = await import(A + '/test/bench/candles.ts')
const { parseConfig } = await import(A + '/src/protocol/parse-config.ts')
const { resolveWindow } = await import(A + '/src/backtest/window.ts')
const rows = 300_000, s = realShapedCandles('LOOP', rows)
const { config } = parseConfig({ symbols: ['LOOP'], interval: '1m', fee: 0, slippage: 0, strategy: { builtin: 'SmaCrossover', params: { fast: 50, slow: 200 } } })
const n = Math.floor((rows - 400) / 20)
const decisions = () => ({ rows: n, unit: new Uint32Array(n), bar: Uint32Array.from({ length: n }, (_, i) => 250 + i * 20), symbol: new Uint32Array(n), sequence: new Uint32Array(n), signal: new Uint8Array(n), numbers: new Map([['tpPct', new Float64Array(n).fill(0.15)], ['slPct', new Float64Array(n).fill(0.15)]]), enums: new Map(), texts: new Map(), strings: [] })
const window = resolveWindow({ interval: '1m', start: null, end: null, lookback: 200, series: [s] })
const plays: any = {}
for (const [k, r] of [['with', A], ['without', B]]) plays[k!] = (await import(r + '/src/backtest/play-timeline.ts')).playTimeline
const cpu = () => { const u = (process as any).threadCpuUsage(); return (u.user + u.system) / 1000 }
const t: any = { with: [], without: [] }; const out: any = {}
for (let i = 0; i < 16; i++) for (const k of i % 2 ? ['with', 'without'] : ['without', 'with']) {
  const c = cpu(); out[k] = plays[k]({ config, series: [s], marks: [null], funding: [null], window, lookback: 200, instruments: [null], decisions: decisions(), onProgress() {} }); t[k].push(cpu() - c)
}
const med = (a: number[]) => [...a].sort((x, y) => x - y)[a.length >> 1]
for (const k in t) console.log(k, 'first', t[k][0].toFixed(1), 'median of last 13', med(t[k].slice(3))!.toFixed(1), 'min', Math.min(...t[k]).toFixed(1), out[k].recordCount, out[k].ambiguityCount)
console.log('same records', Buffer.compare(Buffer.from(out.with.records), Buffer.from(out.without.records)) === 0)
