import type { Result } from '../../src/protocol/result.ts'
import type { ResultVariant } from '../../src/protocol/result-variants.ts'
import { formatCount, formatMetric, formatMoney } from './format.ts'

function describe({ finalEquity, metrics, fills }: ResultVariant): string {
  const total = formatMetric('total_return', metrics.total_return)
  return `ends with ${formatMoney(finalEquity)}${total === null ? '' : ` (${total})`}, ${formatCount(fills)} fills`
}

function missing(label: string, why: string | undefined): [string, string][] {
  return why === undefined ? [] : [[label, `not played: ${why}`]]
}

/** What the same decisions would have been otherwise (V3, F8): label and text of each variant that there is. */
export function describeVariants({
  underDefaults,
  ambiguity,
  variantsMissing,
}: Result): [label: string, text: string][] {
  const rerun = ambiguity?.boundsRerun
  return [
    ...(underDefaults === undefined
      ? []
      : [['Defaults', `under the built-in policies it ${describe(underDefaults)}`] as [string, string]]),
    ...(rerun === undefined
      ? []
      : [
          ['All worst', `with every bar at its worse reading it ${describe(rerun.worst)}`] as [string, string],
          ['All best', `at its better one it ${describe(rerun.best)}`] as [string, string],
        ]),
    ...missing('Defaults', variantsMissing?.underDefaults),
    ...missing('All worst, best', variantsMissing?.boundsRerun),
  ]
}
