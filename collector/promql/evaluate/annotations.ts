import type { Span } from '../syntax/ast.ts'
import { positionOf } from '../syntax/syntax-error.ts'

/** Collects remarks during an evaluation, each text once, in the order of their first appearance. */
export interface Annotations {
  warn(message: string, span: Span): void
  info(message: string, span: Span): void
  readonly warnings: ReadonlySet<string>
  readonly infos: ReadonlySet<string>
}

export function createAnnotations(text: string): Annotations {
  const warnings = new Set<string>()
  const infos = new Set<string>()
  return {
    warn: (message, span) => warnings.add(`PromQL warning: ${message} (${positionOf(text, span.start)})`),
    info: (message, span) => infos.add(`PromQL info: ${message} (${positionOf(text, span.start)})`),
    warnings,
    infos,
  }
}
