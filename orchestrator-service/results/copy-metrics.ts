import type { Metric } from '../../src/performance/metric.ts'

/** Metrics as results hold them. */
export function copyMetrics<T extends Readonly<Record<string, Metric>>>(metrics: T): { [K in keyof T]: MutableMetric } {
  const entries = Object.entries(metrics).map(([name, metric]) => [name, { ...metric, flags: [...metric.flags] }])
  return Object.fromEntries(entries) as { [K in keyof T]: MutableMetric }
}

type MutableMetric = Omit<Metric, 'flags'> & { flags: Metric['flags'][number][] }
