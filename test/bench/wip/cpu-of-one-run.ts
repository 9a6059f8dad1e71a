// usage: node one.ts ROOT MODE
const root = process.argv[2]!, mode = process.argv[3]!
const { realShapedCandles } = await import(root + '/test/bench/candles.ts')
process.env['HOTCELL_TEST_DATA'] ??= '/work/shared/data'
const { parseConfig } = await import(root + '/src/protocol/parse-config.ts')
const { resolveWindow } = await import(root + '/src/backtest/window.ts')
const ROWS = Number(process.env['ROWS'] ?? 1_000_000)
const candles = realShapedCandles('LOOP', ROWS)
const PARAMS = { fast: 50, slow: 200 }
const COMMON = { symbols: ['LOOP'], interval: '1m', fee: 0.0004, slippage: 2, options: { policy: 'trusted' } }
const cpu = () => { const u = (process as any).threadCpuUsage(); return (u.user + u.system) / 1000 }
const out: Record<string, number> = {}
if (mode === 'loop') {
  const { runHandwrittenLoop } = await import(root + '/test/bench/handwritten-loop.ts')
  const c0 = cpu(), t0 = performance.now()
  const r = runHandwrittenLoop(candles, { fast: 50, slow: 200, cash: 10_000, fee: 0.0004, slippageBps: 2 })
  out.wall = performance.now() - t0; out.cpu = cpu() - c0; out.fills = r.fills; out.eq = r.finalEquity
} else {
  let strategy: any = { builtin: 'SmaCrossover', params: PARAMS }
  let files: any
  if (mode !== 'builtin') {
    const m = await import(root + '/test/bench/user-sma.ts')
    files = { 'main.js': mode === 'user' ? m.USER_SMA : m.USER_INDICATORS }
    strategy = { module: 'main.js', params: PARAMS }
  }
  const { config } = parseConfig({ ...COMMON, strategy, ...(files ? { files } : {}) })
  const { runTask } = await import(root + '/runner-image/tasks/run-task.ts')
  const { warmEngine } = await import(root + '/runner-image/tasks/warm-engine.ts')
  const mailbox = new SharedArrayBuffer(4 * 65536 + 4096)
  let script: string | null = null
  const ctx: any = {
    mailbox, spareRealms() {}, retire() {}, usedBytes: () => 200e6, proof: { units: new Map(), aggregation: null },
    takeRealm: null,
  }
  const limits = { memoryBytes: 2 ** 31, barTimeMs: 1000, loadTimeMs: 2000, logBytes: 65536, resultBytes: 2 ** 24, maxDecisions: 1e6, maxDecisionsPerCall: 100 }
  if (mode !== 'builtin') {
    const { EmptyRealm } = await import(root + '/runner-image/realm-host.ts')
    const { createRequire } = await import('node:module')
    const ivm = createRequire(root + '/package.json')('isolated-vm')
    const esbuild = createRequire(root + '/package.json')('esbuild')
    const b = await esbuild.build({ entryPoints: [root + '/runner-image/realm/entry.ts'], bundle: true, write: false, format: 'iife', target: 'esnext', platform: 'neutral' })
    script = b.outputFiles[0].text
    const spares: any[] = []
    for (let i = 0; i < 2; i++) { const r = new EmptyRealm({ ivm, script, memoryBytes: 1e9, mailbox }); r.rehearse?.(); spares.push(r) }
    ctx.takeRealm = () => spares.shift()
  }
  const header: any = { v: 1, mode: 'run', job: 'b', attempt: 1, config, instruments: [null], workers: 1, limits }
  const plan: any = await runTask({ kind: 'plan', header }, ctx)
  warmEngine(config)
  const window = resolveWindow({ interval: '1m', start: null, end: null, lookback: plan.lookback, series: [candles] })
  const { lowerBound } = await import(root + '/src/backtest/window.ts')
  const firstInWindow = lowerBound(candles.time, candles.rows, window.start)
  await new Promise((r) => setTimeout(r, 200))
  let c0 = cpu(), t0 = performance.now()
  const unit: any = await runTask({ kind: 'unit', unit: 0, plan, symbols: [{ index: 0, instrument: null, series: candles, firstInWindow }], window, config, limits }, ctx)
  out.unitMs = unit.ms; out.unitCpu = cpu() - c0
  const { playTimeline } = await import(root + '/src/backtest/play-timeline.ts')
  await new Promise((r) => setTimeout(r, 50))
  c0 = cpu(); t0 = performance.now()
  const o = playTimeline({ config, series: [candles], marks: [null], funding: [null], window, lookback: plan.lookback, instruments: [null], decisions: unit.decisions, onProgress() {} })
  out.playMs = performance.now() - t0; out.playCpu = cpu() - c0
  if (process.env['REPEAT']) for (let i = 0; i < 8; i++) { const c = cpu(); playTimeline({ config, series: [candles], marks: [null], funding: [null], window, lookback: plan.lookback, instruments: [null], decisions: unit.decisions, onProgress() {} }); out['r' + i] = cpu() - c }
  out.wall = out.unitMs + out.playMs; out.cpu = out.unitCpu + out.playCpu
  out.records = o.recordCount; out.eq = o.equity[o.equity.length - 1]
}
console.log(JSON.stringify(out))
