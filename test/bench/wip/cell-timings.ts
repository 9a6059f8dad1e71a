const root = process.argv[2]!, rounds = Number(process.argv[3] ?? 5)
process.env['HOTCELL_TEST_DATA'] ??= '/work/shared/data'
const { openBench } = await import(root + '/test/bench/harness.ts')
const { realShapedCandles } = await import(root + '/test/bench/candles.ts')
const { parseConfig } = await import(root + '/src/protocol/parse-config.ts')
const { runBacktest } = await import(root + '/orchestrator-service/jobs/run-backtest.ts')
const { USER_INDICATORS, USER_SMA } = await import(root + '/test/bench/user-sma.ts')
const COMMON = { symbols: ['LOOP'], interval: '1m', fee: 0.0004, slippage: 2, options: { policy: 'trusted' } }
const PARAMS = { fast: 50, slow: 200 }
const cfg: any = { builtin: parseConfig({ ...COMMON, strategy: { builtin: 'SmaCrossover', params: PARAMS } }) }
for (const [k, s] of [['user', USER_SMA], ['ind', USER_INDICATORS]]) cfg[k!] = parseConfig({ ...COMMON, strategy: { module: 'main.js', params: PARAMS }, files: { 'main.js': s! } })
await using context = await openBench(5, () => {})
await context.deps.archive.write('spot', realShapedCandles('LOOP', 1_000_000))
for (let i = 0; i <= rounds; i++) for (const k of Object.keys(cfg)) {
  const end: any = await runBacktest(context.deps, { job: 'bench', mode: 'run', ...cfg[k] })
  if (!end.verdict?.claims) { console.log(k, JSON.stringify(end.outcome).slice(0,600), JSON.stringify(end.verdict)?.slice(0,300)); continue }
  const { timings: t, usage } = end.verdict.claims
  console.log(k, 'decide', t.decideMs.toFixed(1), 'unit', t.units[0].ms.toFixed(1), 'exec', t.executeMs.toFixed(1), 'cellcpu', (usage.cpuNanos / 1e6).toFixed(0), 'verify', end.verdict.run.cpu.verifyMs.toFixed(0))
}
