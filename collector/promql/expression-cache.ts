import { invariantExpressions } from './evaluate/invariant.ts'
import { parseExpression } from './parse-expression.ts'
import type { Expression } from './syntax/ast.ts'

export interface ParsedQuery {
  readonly expression: Expression
  /** What invariantExpressions() finds in it. */
  readonly invariant: ReadonlySet<Expression>
}

/** Trees take about a hundred bytes for each character: together 3 MB at most, and 100 kB for a dashboard or two. */
const mostCharacters = 32_768
const longestText = 4_096

/**
 * Parses queries and remembers those that were asked last: dashboards and rules repeat theirs, and to parse a short one takes
 * as long as to find the samples of one series. Trees never change, so that queries that run at the same time share them.
 * @returns a function that throws what parseExpression() throws
 */
export function createExpressionCache(): (text: string) => ParsedQuery {
  const known = new Map<string, ParsedQuery>()
  let characters = 0
  return (text) => {
    const found = known.get(text)
    if (found !== undefined) {
      // Moved to the end of the Map's order; its start is the least recently used.
      known.delete(text)
      known.set(text, found)
      return found
    }
    if (text.length > longestText) return parse(text)
    const own = copyOf(text)
    const parsed = parse(own)
    known.set(own, parsed)
    characters += own.length
    for (const oldest of known.keys()) {
      if (characters <= mostCharacters) break
      known.delete(oldest)
      characters -= oldest.length
    }
    return parsed
  }
}

function parse(text: string): ParsedQuery {
  const expression = parseExpression(text)
  return { expression, invariant: invariantExpressions(expression) }
}

/** A part of a longer text, as it may come out of a request, keeps all of that in memory. Halves of pairs stay as they are. */
function copyOf(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le')
}
