import { PgherdError } from '../../../common/errors.ts'
import type { Span } from './ast.ts'

/** "line:column" of an offset in the text, both from 1. */
export function positionOf(text: string, offset: number): string {
  const { line, column } = lineAndColumn(text, offset)
  return `${line}:${column}`
}

/** A QUERY_INVALID error with the position in front, as Prometheus writes it: `1:5: parse error: ...`. */
export function syntaxError(text: string, span: Span, message: string): PgherdError {
  const { line, column } = lineAndColumn(text, span.start)
  return new PgherdError('QUERY_INVALID', `${line}:${column}: parse error: ${message}`, {
    details: { line, column, start: span.start, end: span.end },
  })
}

function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset)
  const lineStart = before.lastIndexOf('\n') + 1
  return { line: before.split('\n').length, column: offset - lineStart + 1 }
}
