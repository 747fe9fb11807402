import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseExpression } from '../../../collector/promql/parse-expression.ts'

const page = readFileSync(new URL('../../../docs/06-metricsql.md', import.meta.url), 'utf8')
const rows = page.split('\n').filter((line) => line.startsWith('| `'))
/** The examples of the first column; those that only follow an expression get one. */
const examples = rows
  .flatMap((row) => [...row.split(' | ')[0]!.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text))
  .map((text) => (text.startsWith('[') ? `m${text}` : text))
  .map((text) => (/^(offset|keep_metric_names)/.test(text) ? `abs(m) ${text}` : text))

test('there are examples', () => expect(examples.length).toBeGreaterThan(20))

test.each(examples)('the example of the documentation is understood: %s', (example) => {
  expect(() => parseExpression(example)).not.toThrow()
})
