import type { Node } from 'acorn'
import type { SourceLocation } from '../../src/protocol/outcome.ts'

export interface ModuleScan {
  /** Static imports and re-exports with the names they need. */
  readonly imports: readonly { specifier: string; names: readonly string[]; location: SourceLocation }[]
  readonly exports: readonly string[]
  readonly reexportsAll: readonly string[]
  /** Nodes of `**` and `**=`, outer ones first. */
  readonly powers: readonly Node[]
  readonly decide: SourceLocation | null
  /** Whether it may queue callbacks: it has an async function, or names what makes promises. */
  readonly usesPromises: boolean
}

interface AnyNode extends Node {
  readonly [key: string]: unknown
}

type Found = { -readonly [K in keyof ModuleScan]: ModuleScan[K] extends readonly (infer T)[] ? T[] : ModuleScan[K] }

const PROMISE_NAMES = new Set(['Promise', 'fromAsync'])
const FUNCTIONS = ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']

/** One walk over the syntax tree of a module, without recursion: source may be nested deeply. */
export function scanModule(program: Node, path: string): ModuleScan | { problem: string; location: SourceLocation } {
  const found: Found = { imports: [], exports: [], reexportsAll: [], powers: [], decide: null, usesPromises: false }
  const pending: { node: AnyNode; inFunction: boolean }[] = [{ node: program as AnyNode, inFunction: false }]
  while (pending.length > 0) {
    const { node, inFunction } = pending.pop()!
    const problem = findForbidden(node, inFunction)
    if (problem !== null) return { problem, location: placeOf(node, path) }
    collect(node, { found, path })
    const inside = inFunction || FUNCTIONS.includes(node.type) || node.type === 'StaticBlock' || isField(node)
    const children: AnyNode[] = []
    for (const key of Object.keys(node)) {
      const value = node[key]
      if (Array.isArray(value)) for (const item of value) if (isNode(item)) children.push(item)
      if (isNode(value)) children.push(value)
    }
    for (let i = children.length - 1; i >= 0; i--) pending.push({ node: children[i]!, inFunction: inside })
  }
  return found
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
}

function isField(node: AnyNode): boolean {
  return node.type === 'PropertyDefinition'
}

function findForbidden(node: AnyNode, inFunction: boolean): string | null {
  if (node.type === 'ImportExpression') return 'import() is not available; use static imports'
  if (node.type === 'MetaProperty' && (node['meta'] as { name?: string }).name === 'import')
    return 'import.meta is not available'
  if (inFunction) return null
  const waits =
    node.type === 'AwaitExpression' ||
    (node.type === 'ForOfStatement' && node['await'] === true) ||
    (node.type === 'VariableDeclaration' && node['kind'] === 'await using')
  return waits ? 'top-level await is not available' : null
}

function collect(node: AnyNode, options: { found: Found; path: string }): void {
  const { found, path } = options
  const source = node['source'] as { value?: string } | null | undefined
  const specifier = typeof source?.value === 'string' ? source.value : null
  if (node['async'] === true || PROMISE_NAMES.has(nameOf(node))) found.usesPromises = true
  const members = (node['specifiers'] as AnyNode[] | undefined) ?? []
  switch (node.type) {
    case 'ImportDeclaration':
      found.imports.push({ specifier: specifier!, names: members.flatMap(importedName), location: placeOf(node, path) })
      break
    case 'ExportAllDeclaration':
      found.imports.push({ specifier: specifier!, names: [], location: placeOf(node, path) })
      if (node['exported'] === null) found.reexportsAll.push(specifier!)
      else found.exports.push(nameOf(node['exported'] as AnyNode))
      break
    case 'ExportNamedDeclaration':
      if (specifier !== null) {
        const names = members.map((member) => nameOf(member['local'] as AnyNode))
        found.imports.push({ specifier, names, location: placeOf(node, path) })
      }
      found.exports.push(...members.map((member) => nameOf(member['exported'] as AnyNode)))
      if (isNode(node['declaration'])) found.exports.push(...declaredNames(node['declaration']))
      break
    case 'ExportDefaultDeclaration':
      found.exports.push('default')
      break
    case 'BinaryExpression':
      if (node['operator'] === '**') found.powers.push(node)
      break
    case 'AssignmentExpression':
      if (node['operator'] === '**=') found.powers.push(node)
      break
    case 'MethodDefinition':
    case 'PropertyDefinition':
      if (nameOf(node['key'] as AnyNode) === 'decide') found.decide ??= placeOf(node, path)
      break
    default:
  }
}

function importedName(member: AnyNode): string[] {
  if (member.type === 'ImportDefaultSpecifier') return ['default']
  return member.type === 'ImportSpecifier' ? [nameOf(member['imported'] as AnyNode)] : []
}

function nameOf(node: AnyNode): string {
  const name = node['name'] ?? node['value']
  return typeof name === 'string' ? name : ''
}

/** Names bound by an exported declaration, patterns included. */
function declaredNames(declaration: AnyNode): string[] {
  const names: string[] = []
  const pending: unknown[] =
    declaration.type === 'VariableDeclaration'
      ? (declaration['declarations'] as AnyNode[]).map((one) => one['id'])
      : [declaration['id']]
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (!isNode(node)) continue
    if (node.type === 'Identifier') names.push(nameOf(node))
    else if (node.type === 'ObjectPattern') pending.push(...(node['properties'] as AnyNode[]))
    else if (node.type === 'ArrayPattern')
      pending.push(...(node['elements'] as unknown[]).filter((item) => item !== null))
    else pending.push(node['value'] ?? node['argument'] ?? node['left'])
  }
  return names
}

function placeOf(node: Node, path: string): SourceLocation {
  const start = node.loc?.start
  return { file: path, line: start?.line ?? 0, column: (start?.column ?? -1) + 1 }
}
