import { globSync, readFileSync } from 'node:fs'
import { messageOf } from '../../common/errors.ts'
import { askedBy, catalogueMetrics } from '../rules/emitted-metrics.ts'

const catalogue = catalogueMetrics()

let sources: string | undefined
const ourSources = (): string =>
  (sources ??= globSync('{agent,collector,common}/**/*.ts', { exclude: ['**/node_modules/**'] })
    .map((file) => readFileSync(file, 'utf8'))
    .concat(globSync('rules/*.yaml').map((file) => readFileSync(file, 'utf8')))
    .join('\n'))

/** Whether an expression parses, and whether what it asks for and would come from pgherd itself is emitted somewhere. */
export async function problemsOfQuery(expression: string): Promise<readonly string[]> {
  try {
    const emitted = await catalogue
    return askedBy(expression)
      .map(({ metric }) => metric)
      .filter((metric) => /^(pg|pgbouncer|pgherd)_/.test(metric) && !emitted.has(metric))
      .filter((metric) => !isNamedIn(ourSources(), metric))
      .map((metric) => `nobody emits ${metric}`)
  } catch (error) {
    return [messageOf(error)]
  }
}

function isNamedIn(text: string, metric: string): boolean {
  // What counters and histograms add to the name they have in the source.
  const name = metric.replace(/_(bucket|sum|count)$/, '')
  return new RegExp(`\\b${name}\\b`).test(text)
}
