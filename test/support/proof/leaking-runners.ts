import type { Changes } from '../attack.ts'
import { replaceOnce } from '../attack-changes.ts'

/** A runner that shows the close of the next bar as that of this one, in a tenth of the bars; in which, the seed of the run says. */
export const LEAKING_CLOSES: Changes = {
  'runner-image/realm/columns.ts': replaceOnce(
    'if (close !== null) close[row] = closes[row]!',
    'if (close !== null) close[row] = closes[Math.random() < 0.1 ? row + 1 : row]!',
  ),
}

/**
 * A runner whose code of the user, asked over `port`, answers otherwise where a bar rises that it is not shown. Texts of
 * TypeScript: `row`, the row of that bar in `series` by the question (`args`), -1: none; and what becomes of `answer`.
 */
export function leakingAnswers({ port, row, answer }: { port: string; row: string; answer: string }): Changes {
  const remember = replaceOnce(
    'const { config, plan, decisions } = task',
    'const { config, plan, decisions } = task; future.series = task.series[0] ?? null',
  )
  const declare = replaceOnce(
    'type Ports =',
    'const future: { series: ExecuteTask["series"][number] | null } = { series: null }\ntype Ports =',
  )
  const leak = replaceOnce(
    'const answer = deciding(() => realm.ask(port, args))',
    `let answer = deciding(() => realm.ask(port, args))
      const { series } = future
      const row = series === null || port !== '${port}' ? -1 : ${row}
      if (row >= 0 && series!.close[row]! > series!.open[row]!) answer = ${answer}`,
  )
  return { 'runner-image/tasks/user-code.ts': (text) => leak(declare(remember(text))) }
}
