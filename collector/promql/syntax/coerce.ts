import type { Expression } from './ast.ts'
import { unwrap } from './ast.ts'
import { typeOf } from './check.ts'
import { signatures } from './signatures.ts'

/**
 * Functions whose window, where none is written, is long enough to hold this many gaps between samples however
 * short the step is; for one that starts from the sample before the window a single one is enough.
 */
const leastGaps: ReadonlyMap<string, number> = new Map([
  ['rate', 1.5],
  ['rollup_rate', 1.5],
  ['rollup_deriv', 1.5],
  ['deriv_fast', 1.5],
  ['rollup', 1.5],
  ['rollup_candlestick', 1.5],
  ['irate', 2.5],
  ['ideriv', 2.5],
  ['deriv', 2.5],
  ['scrape_interval', 2.5],
  ['rollup_scrape_interval', 2.5],
])

/**
 * Arguments as MetricsQL takes them: a vector where a range vector is wanted gets a window as long as the step, and
 * its own functions take a number for a vector without labels. What Prometheus takes stays as it is.
 */
export function coerceArguments(name: string, args: readonly Expression[]): Expression[] {
  const signature = signatures.get(name)
  return args.map((arg, i) => {
    const wanted = signature?.args[Math.min(i, signature.args.length - 1)]
    if (wanted !== 'matrix' && !(wanted === 'vector' && signature?.metricsql === true)) return arg
    const type = typeOf(arg)
    if (wanted === 'matrix') return type === 'vector' ? withWindow(arg, leastGaps.get(name) ?? 0) : arg
    if (type !== 'scalar') return arg
    return { kind: 'call', name: 'vector', args: [arg], keepNames: false, span: arg.span }
  })
}

function withWindow(expression: Expression, gaps: number): Expression {
  const { span } = expression
  const range = { kind: 'implicit', gaps, span } as const
  const selector = unwrap(expression)
  if (selector.kind === 'selector') return { kind: 'range', selector, range, span }
  return { kind: 'subquery', expression, range, step: range, offset: undefined, at: undefined, span }
}
