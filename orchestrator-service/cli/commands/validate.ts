import type { StrategyInspection } from '../../../src/protocol/runner-result.ts'
import { buildRawConfig, type RunFlags } from '../build-config.ts'
import { openService } from '../client/open-service.ts'
import { exitCodeOfOutcome } from '../exit-codes.ts'
import type { CommandContext } from '../context.ts'
import { describeFailure } from '../render-error.ts'
import { visible } from '../visible.ts'

function describe(inspection: StrategyInspection): string {
  const lines = [`${visible(inspection.name)}: a ${inspection.kind} strategy, lookback ${inspection.lookback} bars`]
  for (const param of inspection.params) {
    const range = [
      param.minimum === undefined ? '' : `from ${param.minimum}`,
      param.maximum === undefined ? '' : `to ${param.maximum}`,
    ]
      .filter((text) => text !== '')
      .join(' ')
    lines.push(
      `  ${visible(param.name)}: ${param.type}, default ${visible(String(param.default))}${range === '' ? '' : `, ${range}`}${param.description === undefined ? '' : ` (${visible(param.description)})`}`,
    )
  }
  for (const one of inspection.indicators ?? [])
    lines.push(
      `  indicator ${visible(one.id)}: ${visible(one.kind)}, first value at row ${one.warmUp}${one.interval === undefined ? '' : ` of ${visible(one.interval)}`}`,
    )
  return lines.join('\n')
}

/** Loads a strategy in a sealed cell (even that is a sealed run) and says what it is. */
export async function validate(context: CommandContext, target: string, flags: RunFlags): Promise<number> {
  const { io } = context
  const raw = { symbols: ['SYMBOL'], interval: '1h', ...(await buildRawConfig(target, flags)) }
  await using service = await openService(context, 'run')
  const { outcome, inspection } = await service.client.inspect(raw)
  if (io.json) io.out(JSON.stringify({ outcome, inspection }))
  else if (outcome.kind === 'ok' && inspection !== null) io.out(describe(inspection))
  else io.err(describeFailure(outcome))
  return exitCodeOfOutcome(outcome.kind)
}
