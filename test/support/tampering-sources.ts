import { changedSources, replaceOnce } from './attack-changes.ts'

const IMPORT = (names: string, depth: string) => `import { ${names} } from '${depth}test/support/tampering-runner.ts'\n`

/**
 * Sources of the real runner with `tampering-runner.ts` in its way: the result of phase 2, the decisions before it, and the
 * checkpoints, which it sends however fast the units were.
 */
export function tamperingSources(): Record<string, string> {
  const result = replaceOnce('} = output\n', '} = tamperResult(output, config)\n')
  const decisions = replaceOnce(
    'await collectDecisions(stage, loaded, units)',
    'useHindsight(await collectDecisions(stage, loaded, units), loaded.series, { ...loaded.config, attempt: header.attempt })',
  )
  const again = replaceOnce(
    'checkpoints.resume(reader.checkpoints)',
    'checkpoints.resume(reader.checkpoints); contradict(checkpoints, loaded.config)',
  )
  const kept = replaceOnce(
    'checkpoints.add(job.task.unit, result)',
    'checkpoints.add(job.task.unit, keepHindsight(result, series, loaded.config))',
  )
  const future = replaceOnce(
    'const { config, plan, decisions } = task',
    'const { config, plan, decisions } = task; rememberFuture(task.series)',
  )
  const answer = replaceOnce(
    'const answer = deciding(() => realm.ask(port, args))',
    'const answer = answerAfterwards({ config, port, args }, deciding(() => realm.ask(port, args)))',
  )
  return changedSources({
    'runner-image/tasks/execute-task.ts': (text) => IMPORT('tamperResult', '../../') + result(text),
    'runner-image/tasks/user-code.ts': (text) =>
      IMPORT('answerAfterwards, rememberFuture', '../../') + answer(future(text)),
    'runner-image/supervise.ts': (text) => IMPORT('contradict, useHindsight', '../') + again(decisions(text)),
    'runner-image/decide-units.ts': (text) => IMPORT('keepHindsight', '../') + kept(text),
    'runner-image/checkpoints.ts': replaceOnce('this.#waitingMs < this.#limits.checkpointMs', 'this.#waitingMs < 0'),
  })
}
