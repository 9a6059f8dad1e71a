import { METRIC_DEFINITIONS, METRIC_REASON_TEXTS } from '../../src/performance/definitions.ts'
import type { Result } from '../../src/protocol/result.ts'
import type { Metric, MetricName } from '../../src/performance/metric.ts'

const MONEY = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
const COUNT = new Intl.NumberFormat('en-US')
const SIGNIFICANT = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 8 })

/** Two decimals, or more where an amount would vanish. */
export function formatMoney(value: number): string {
  return value !== 0 && Math.abs(value) < 0.01 ? SIGNIFICANT.format(value) : MONEY.format(value + 0)
}

/** A profit and what part of its entry it is, where that is known. */
export function formatUnrealised({ unrealised, unrealisedReturn }: Result['lots'][number]): string {
  const money = formatMoney(unrealised)
  return unrealisedReturn === undefined ? money : `${money} (${formatPercent(unrealisedReturn)})`
}

export function formatCount(value: number): string {
  return COUNT.format(value)
}

/** Prices and quantities: eight significant digits. */
export function formatAmount(value: number): string {
  return SIGNIFICANT.format(value)
}

export function formatPercent(value: number): string {
  return `${MONEY.format(value * 100 + 0)} %`
}

/** A metric's value as its unit says; null if it has none. */
export function formatMetric(name: MetricName, metric: Pick<Metric, 'value'>): string | null {
  if (metric.value === null) return null
  switch (METRIC_DEFINITIONS[name].unit) {
    case 'percent':
      return formatPercent(metric.value)
    case 'duration':
      return formatDays(metric.value)
    case 'money':
      return formatMoney(metric.value)
    case 'number':
      return MONEY.format(metric.value + 0)
  }
}

/** `12.5 days`, shorter times as `formatDuration` has them. */
function formatDays(ms: number): string {
  return ms < 86_400_000 ? formatDuration(ms) : `${Number((ms / 86_400_000).toFixed(1))} days`
}

export function metricReason(metric: Pick<Metric, 'reason'>): string {
  return metric.reason === null ? '' : METRIC_REASON_TEXTS[metric.reason]
}

/** `2024-01-01 00:00 UTC`, seconds only where there are some. */
export function formatTime(ms: number): string {
  const iso = new Date(ms).toISOString()
  const seconds = iso.slice(17, 19) === '00' ? '' : iso.slice(16, 19)
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)}${seconds} UTC`
}

export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  if (bytes < 1024 ** 2) return `${(bytes / 1024).toFixed(1)} KiB`
  return bytes < 1024 ** 3 ? `${(bytes / 1024 ** 2).toFixed(1)} MiB` : `${(bytes / 1024 ** 3).toFixed(2)} GiB`
}

/** `250 ms`, `3.20 s`, `4 min 10 s`, `1 h`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${Number((ms / 1000).toFixed(2))} s`
  const seconds = Math.round(ms / 1000)
  const parts = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const
  return parts
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ')
}

const BYTE_ULIMITS = new Set(['core', 'fsize', 'memlock', 'msgqueue'])

/** `memoryBytes: 2147483648` -> `2.00 GiB`, by the unit in the name; lists and tables as `name value, …`. */
export function formatLimit(name: string, value: unknown): string {
  if (value === null || value === undefined) return 'none'
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'number') return formatLimitNumber(name, value)
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(formatEntry).join(', ')
  const entries = Object.entries(value)
  return entries.length === 0 ? 'none' : entries.map(([key, entry]) => `${key} ${formatLimit(key, entry)}`).join(', ')
}

function formatLimitNumber(name: string, value: number): string {
  if (name.endsWith('Bytes')) return formatBytes(value)
  if (name.endsWith('Ms')) return formatDuration(value)
  if (name.endsWith('Micros')) return formatDuration(value / 1000)
  if (name.endsWith('Nanos')) return formatDuration(value / 1e6)
  return formatCount(value)
}

/** An entry of a list; the engine's ulimits are {Name, Soft, Hard}. */
function formatEntry(entry: unknown): string {
  if (typeof entry !== 'object' || entry === null) return String(entry)
  const { Name, Soft, Hard } = entry as Readonly<Record<string, unknown>>
  if (typeof Name !== 'string' || typeof Soft !== 'number') return JSON.stringify(entry)
  const amount = (limit: unknown) =>
    typeof limit === 'number' && BYTE_ULIMITS.has(Name) ? formatBytes(limit) : String(limit)
  return Soft === Hard ? `${Name} ${amount(Soft)}` : `${Name} ${amount(Soft)} to ${amount(Hard)}`
}

/** What stands beside a strategy, as the head of a column. */
export function benchmarkName(benchmark: Result['benchmark']): string {
  return benchmark?.kind === 'symbol' ? benchmark.symbols[0]! : 'Buy-and-hold'
}
