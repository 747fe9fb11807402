import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parser } from '@prometheus-io/lezer-promql'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseExpression } from '../../../collector/promql/parse-expression.ts'
import { messageOf } from '../../../common/errors.ts'
import { callsOf } from './conformance/selectors.ts'
import { parseTestFile } from './conformance/test-file.ts'
import { promqlText } from './expression-arbitrary.ts'

/*
 * A second opinion on what is PromQL: the grammar of Prometheus' own query editor. It knows no types and gives no
 * messages; what it is wrong about, or leaves to Prometheus' type checker, is named below.
 */
function lezerAccepts(text: string): boolean {
  let errors = 0
  parser.parse(text).iterate({
    enter: (node) => {
      if (node.type.isError) errors++
    },
  })
  return errors === 0
}

function problemOf(text: string): string | undefined {
  try {
    parseExpression(text)
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}

/** What the editor's grammar refuses although Prometheus' test files use it. */
const refusedByLezer: Readonly<Record<string, RegExp>> = {
  'numbers that end in a point': /\d\.(?!\d)/,
  'min_of and max_of as functions': /^(?:min|max)_of\(/,
  'functions of durations in capitals': /STep\(\)|STEP\(\)/,
}
/** What we refuse although the grammar takes it: types, arguments, and what the store does not hold. */
const refusedByUs: Readonly<Record<string, RegExp>> = {
  'native histograms': /native histograms, which are not supported/,
  'start timestamps': /start timestamps, which are not supported/,
}

const directory = resolve(
  import.meta.dirname,
  '../../..',
  process.env['PROMQLTEST_DIR'] ?? '../shared/promqltest',
)

describe.skipIf(!existsSync(directory))(`all expressions of Prometheus' test files (${directory})`, () => {
  test('are taken by both, but for what is named', () => {
    const expressions = readdirSync(directory)
      .filter((name) => name.endsWith('.test'))
      .flatMap((name) => parseTestFile(readFileSync(join(directory, name), 'utf8')))
      .flatMap((statement) => (statement.kind === 'eval' ? [statement.expression] : []))
    expect(expressions.length).toBeGreaterThanOrEqual(2214)
    const differences = expressions.filter((text) => {
      const problem = problemOf(text)
      if ((problem === undefined) === lezerAccepts(text)) return false
      if (problem === undefined) return !Object.values(refusedByLezer).some((pattern) => pattern.test(text))
      return !Object.values(refusedByUs).some((pattern) => pattern.test(problem))
    })
    expect(differences).toEqual([])
  })
})

/** What a text without one of its tokens can become: MetricsQL, or what the editor's grammar does not know. */
const onlyForUs: Readonly<Record<string, RegExp | ((calls: readonly string[]) => boolean)>> = {
  'a comma after the last argument': /,\s*\)/,
  'a union in parentheses': (calls) => calls.includes('union'),
  'a window after any vector, a time shift after any expression': /\)\s*(?:\[|offset|@)/i,
  'a metric with the name of a keyword':
    /(?:^|[(,\s])(?:offset|by|without|on|ignoring|bool)\s*(?:[-+*/,)]|$)/i,
  'a computed time': /@\s*[(a-z]/,
}

describe('generated PromQL', () => {
  test('is taken by both', () => {
    fc.assert(
      fc.property(promqlText, (text) => {
        expect({ text, problem: problemOf(text), lezer: lezerAccepts(text) }).toEqual({
          text,
          problem: undefined,
          lezer: true,
        })
      }),
      { numRuns: 1_000 },
    )
  })

  test('without one of its tokens is never taken by us where the grammar refuses it, but for what is named', () => {
    const damaged = fc.tuple(promqlText, fc.nat()).map(([text, at]) => {
      const tokens = text.match(/"(?:\\.|[^"])*"|'[^']*'|`[^`]*`|[\w.:]+|[^\w\s]|\s+/g) ?? []
      return tokens.filter((_, i) => i !== at % tokens.length).join('')
    })
    fc.assert(
      fc.property(damaged, (text) => {
        if (lezerAccepts(text) || problemOf(text) !== undefined) return
        const calls = callsOf(parseExpression(text))
        const named = Object.values(onlyForUs).some((sign) =>
          sign instanceof RegExp ? sign.test(text) : sign(calls),
        )
        expect(named, `only we accept ${text}`).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })
})
