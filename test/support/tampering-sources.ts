import { changedSources, replaceOnce } from './attack-changes.ts'

const IMPORT = (names: string, depth: string) => `import { ${names} } from '${depth}test/support/tampering-runner.ts'\n`

/** Sources of the real runner with `tampering-runner.ts` in its way: the result of phase 2, and the decisions before it. */
export function tamperingSources(): Record<string, string> {
  const result = replaceOnce('} = output\n', '} = tamperResult(output, config)\n')
  const decisions = replaceOnce(
    'await collectDecisions(stage, loaded, units)',
    'useHindsight(await collectDecisions(stage, loaded, units), loaded.series, loaded.config)',
  )
  return changedSources({
    'runner-image/tasks/execute-task.ts': (text) => IMPORT('tamperResult', '../../') + result(text),
    'runner-image/supervise.ts': (text) => IMPORT('useHindsight', '../') + decisions(text),
  })
}
