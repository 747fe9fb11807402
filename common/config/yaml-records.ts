import { LineCounter, isNode, parseDocument } from 'yaml'
import type { Document } from 'yaml'
import type { z } from 'zod'
import { messageOf } from '../errors.ts'

export type ReadYaml<T> =
  { readonly value: T; readonly problems?: never } | { readonly problems: readonly string[] }

/**
 * Reads a YAML file of nested maps and lists by its schema. Messages of the schema complete "allowed: ...".
 * @returns one line per problem: file, line, path of the key, what it was, what is allowed
 */
export function readYaml<T>(text: string, fileName: string, schema: z.ZodType<T>): ReadYaml<T> {
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    merge: true,
  })
  if (document.errors.length > 0) {
    const problems = document.errors.map((error) => {
      const { line, col } = lines.linePos(error.pos[0])
      return `${fileName}:${line}:${col}: ${error.message.split('\n')[0] ?? 'syntax error'}`
    })
    return { problems }
  }
  let given: unknown
  try {
    given = document.toJS({ maxAliasCount: 100 }) ?? {}
  } catch (error) {
    return { problems: [`${fileName}: ${messageOf(error)}`] }
  }
  const parsed = schema.safeParse(given)
  if (parsed.success) return { value: parsed.data }
  const problems = parsed.error.issues.map((issue) => {
    const { at, what } = problemOf(issue, given)
    return `${fileName}:${lineOf(document, issue.path, lines)}: ${at === '' ? '' : `${at}: `}${what}`
  })
  return { problems }
}

function problemOf(issue: z.core.$ZodIssue, given: unknown): { at: string; what: string } {
  const at = issue.path
    .map((step, i) => (typeof step === 'number' ? `[${step}]` : `${i === 0 ? '' : '.'}${String(step)}`))
    .join('')
  if (issue.code === 'unrecognized_keys') {
    return { at, what: `unknown key ${issue.keys.join(', ')}; allowed: ${issue.message}` }
  }
  let value = given
  for (const step of issue.path) value = (value as Record<PropertyKey, unknown> | undefined)?.[step]
  // Somebody may have put the secret itself where its file is to be named.
  const isSecret = typeof value === 'string' && /pass|secret/.test(String(issue.path.at(-1)))
  const was = value === undefined ? 'missing' : `was ${isSecret ? '***' : shown(value)}`
  return { at, what: `${was}; allowed: ${issue.message}` }
}

function shown(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}

/** Of the innermost thing on the path that the file has. */
function lineOf(document: Document, path: readonly PropertyKey[], lines: LineCounter): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line
  }
  return 1
}
