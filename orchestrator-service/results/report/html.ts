import { visible } from '../../cli/visible.ts'

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** A piece of finished HTML. Only `html` makes one, so that a plain string can never pass for it. */
export interface Html {
  readonly markup: string
}

type Part = Html | string | number | null | readonly Part[]

/** Text of a stranger as HTML: markup escaped, control and direction characters shown as their code points. */
export function escapeHtml(text: string): string {
  return visible(text).replace(/[&<>"']/g, (character) => ENTITIES[character]!)
}

/** HTML in which every value that is not itself `Html` is escaped. */
export function html(template: TemplateStringsArray, ...values: readonly Part[]): Html {
  let markup = template[0]!
  for (let i = 0; i < values.length; i++) markup += render(values[i]!) + template[i + 1]!
  return { markup }
}

/** Our own finished markup, script or style: never a stranger's. */
export function trusted(markup: string): Html {
  return { markup }
}

function render(part: Part): string {
  if (part === null) return ''
  if (typeof part === 'string') return escapeHtml(part)
  if (typeof part === 'number') return String(part)
  return 'markup' in part ? part.markup : part.map(render).join('')
}

/** Text of a stranger with its lines kept. */
export function preformatted(text: string): Html {
  return { markup: `<pre>${text.split('\n').map(escapeHtml).join('\n')}</pre>` }
}

/** JSON that can stand inside a script element whatever its strings hold. */
export function scriptJson(value: unknown): Html {
  const json = JSON.stringify(value).replace(
    /[<>&\p{Cf}\p{Zl}\p{Zp}]/gu,
    (c) =>
      `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}${c.length > 1 ? `\\u${c.charCodeAt(1).toString(16)}` : ''}`,
  )
  return { markup: json }
}
