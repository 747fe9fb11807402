import { PgherdError } from '../../common/errors.ts'
import { parseExpression } from './parse-expression.ts'
import { typeOf } from './syntax/check.ts'

/**
 * What PromQL says about an expression whose result is no series: a scalar, or a string and what it is. Undefined for
 * everything else, also for what only another dialect can read.
 */
export function constantOf(
  text: string,
): { readonly type: 'scalar' } | { readonly type: 'string'; readonly value: string } | undefined {
  try {
    const expression = parseExpression(text)
    if (expression.kind === 'string') return { type: 'string', value: expression.value }
    return typeOf(expression) === 'scalar' ? { type: 'scalar' } : undefined
  } catch (error) {
    if (error instanceof PgherdError) return undefined
    throw error
  }
}
