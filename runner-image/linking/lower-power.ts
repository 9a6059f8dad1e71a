/**
 * Theory of operation. libm's pow differs between Node versions and CPUs, so `a ** b` of user code becomes
 * `__hotcell_power(a , b)`, a helper with our kernel that leaves BigInt alone. Nothing is parsed twice: edits are made on
 * the text at the positions of the syntax tree and never add a line, so line numbers stay; columns stay up to the first
 * `**` of a line. The import of the helper stands after the last line.
 */
import type { Node } from 'acorn'

export const POWER_NAMES = ['__hotcell_power', '__hotcell_power_ref', '__hotcell_power_set'] as const
const [POWER, REF, SET] = POWER_NAMES

interface Edit {
  readonly at: number
  readonly remove: number
  readonly insert: string
}

export interface PowerNode extends Node {
  readonly type: 'BinaryExpression' | 'AssignmentExpression'
  readonly left: Node & { object?: Node; property?: Node & { name?: string }; computed?: boolean; name?: string }
  readonly right: Node
}

/** Returns the source with every power lowered, or the node that cannot be. */
export function lowerPowers(source: string, nodes: readonly PowerNode[]): { code: string } | { refused: Node } {
  if (nodes.length === 0) return { code: source }
  const edits: Edit[] = []
  for (const node of nodes) {
    const done =
      node.type === 'BinaryExpression' ? editBinary(source, node, edits) : editAssignment(source, node, edits)
    if (!done) return { refused: node }
  }
  // At one place: closing insertions, opening ones (outer before inner), then what replaces text.
  edits.sort((a, b) => a.at - b.at || rank(a) - rank(b))
  let code = ''
  let at = 0
  for (const edit of edits) {
    code += source.slice(at, edit.at) + edit.insert
    at = edit.at + edit.remove
  }
  const imports = `import { ${POWER_NAMES.join(', ')} } from 'hotcell:power'`
  return { code: `${code}${source.slice(at)}\n;${imports}` }
}

function rank(edit: Edit): number {
  return edit.remove > 0 ? 2 : edit.insert === ')' ? 0 : 1
}

function editBinary(source: string, node: PowerNode, edits: Edit[]): boolean {
  edits.push({ at: node.start, remove: 0, insert: `${POWER}(` })
  edits.push({ at: findToken(source, node.left.end, '**'), remove: 2, insert: ',' })
  edits.push({ at: node.end, remove: 0, insert: ')' })
  return true
}

function editAssignment(source: string, node: PowerNode, edits: Edit[]): boolean {
  const { left } = node
  const operator = findToken(source, left.end, '**=')
  if (left.type === 'Identifier') {
    edits.push({ at: operator, remove: 3, insert: `=${POWER}(${left.name},` })
    edits.push({ at: node.end, remove: 0, insert: ')' })
    return true
  }
  const { object, property } = left
  if (left.type !== 'MemberExpression' || object === undefined || property === undefined) return false
  if (object.type === 'Super' || property.type === 'PrivateIdentifier') return false
  edits.push({ at: node.start, remove: 0, insert: `${SET}(` })
  edits.push({ at: left.start, remove: 0, insert: `${REF}(` })
  if (left.computed === true) {
    edits.push({ at: findToken(source, object.end, '['), remove: 1, insert: ',' })
    edits.push({ at: left.end - 1, remove: 1, insert: ')' })
  } else {
    edits.push({ at: findToken(source, object.end, '.'), remove: 1, insert: ',' })
    edits.push({
      at: property.start,
      remove: property.end - property.start,
      insert: `${JSON.stringify(property.name)})`,
    })
  }
  edits.push({ at: operator, remove: 3, insert: ',' })
  edits.push({ at: node.end, remove: 0, insert: ')' })
  return true
}

/** Position of an operator behind an operand: only white space, comments and closing parentheses stand between. */
function findToken(source: string, from: number, token: string): number {
  const gap = /(?:[\s)\u200B\uFEFF]|\/\*[\s\S]*?\*\/|\/\/[^\n\r\u2028\u2029]*)*/y
  gap.lastIndex = from
  gap.exec(source)
  const at = gap.lastIndex
  if (source.slice(at, at + token.length) !== token) throw new Error(`Invariant: no "${token}" at ${at}`)
  return at
}
