import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseExpression } from '../../collector/promql/parse-expression.ts'
import { messageOf } from '../../common/errors.ts'
import { hasPrometheus, startPrometheus } from '../../testbed/prometheus.ts'
import type { Prometheus } from '../../testbed/prometheus.ts'

/** Queries that Prometheus refuses. Those that MetricsQL gives a meaning are not among them: we take them. */
const badQueries = [
  '',
  '# only a comment',
  'sum(',
  'sum(up',
  'up)',
  'up up',
  '1 +',
  '(1',
  'a ~ b',
  '"open',
  '`open',
  '"\\q"',
  '5mm',
  'up[5x]',
  'up{',
  'up{a}',
  'up{a=b}',
  'up{a=~"("}',
  'up{a:b="c"}',
  '{}',
  '{a=~".*"}',
  '{a=""}',
  'up[]',
  'up[0s]',
  'up[5m',
  'up offset 5m [5m]',
  'up @ 5 [5m]',
  'up offset 1m offset 2m',
  'up @ 1 @ 2',
  'up @ Inf',
  'up @ foo',
  '1 offset 5m',
  'up[5m] + 1',
  'sum(up[5m])',
  'topk(up, up)',
  'rate()',
  'round(up, 1, 2)',
  'label_join(up)',
  'nope(up)',
  'RATE(up[5m])',
  'topk(5)',
  'topk(1, 2, 3)',
  'sum()',
  '1 == 1',
  'up + bool up',
  'up and 1',
  'up + on(a) 1',
  'a and on(x) group_left b',
  'a * on(x) group_left(x) b',
  '-"text"',
  '1[5m:]',
  'sum by (a:b) (up)',
  'sum by a (up)',
  'up{a="b"',
  'up{a="b",,}',
  'up{a="b" c="d"}',
  'up{a=="b"}',
  'up{=“x”}',
  'up{1="x"}',
  'up offset',
  'up offset foo',
  'up[5m:foo]',
  'up[5m][5m]',
  'up[foo]',
  'rate(up[5m]) by (x)',
  'sum(up) by (x) by (y)',
  'sum by (x) (up) by (y)',
  'count_values(1, up)',
  'quantile("x", up)',
  'label_replace(up, 1, 2, 3, 4)',
  'vector(up)',
  'scalar(1)',
  'time(1)',
  '"a" + 1',
  'up == "a"',
  'up > bool on(x) 1',
  'up or 1',
  '1 or 2',
  'up * group_left b',
  'on(a) up',
  'up + + +',
  '((up)',
  ')',
  ']',
  '}',
  '{',
  'up{}}',
  'up,up',
  '0x',
  '1e',
  '1.2.3',
  'up $ 2',
  'up{a="\\xz"}',
  'histogram_quantile(0.9)',
  'absent(1)',
  'abs("x")',
  'a unless on(x) group_right b',
  'up and bool up',
  'bool',
  'up{a!~"["}',
  'sum without (up)',
  'rate(5)',
]

/** Where Prometheus points behind what it complains of. */
const otherPlace: ReadonlySet<string> = new Set(['up)', ')'])
/** Where what Prometheus quotes is only a part of what it could not read. */
const otherWords: ReadonlySet<string> = new Set(['up{a=~"("}', 'up{a!~"["}', '1.2.3'])

const directory = mkdtempSync(join(tmpdir(), 'pgherd-promql-errors-'))
let prometheus: Prometheus

describe.skipIf(!hasPrometheus())('a query that makes no sense', () => {
  beforeAll(async () => {
    prometheus = await startPrometheus(directory)
  })
  afterAll(async () => {
    await prometheus[Symbol.asyncDispose]()
    rmSync(directory, { recursive: true, force: true })
  })

  test.each(badQueries)(
    'is refused at the same place as by Prometheus, in no fewer words: %j',
    async (query) => {
      const theirs = await prometheusProblem(query)
      const ours = problemOf(query)
      if (!otherPlace.has(query)) expect(placeOf(ours)).toBe(placeOf(theirs))
      if (otherWords.has(query)) return
      for (const [, word = ''] of theirs.matchAll(/"([^"]+)"/g)) expect(ours).toContain(word)
    },
  )
})

async function prometheusProblem(query: string): Promise<string> {
  const body = new URLSearchParams({ query, time: '1' })
  const response = await fetch(`${prometheus.url}/api/v1/query`, { method: 'POST', body })
  const { error } = (await response.json()) as { error?: string }
  if (error === undefined) throw new Error('Prometheus accepts it')
  return error.replace('invalid parameter "query": ', '')
}

function problemOf(query: string): string {
  try {
    parseExpression(query)
  } catch (error) {
    return messageOf(error)
  }
  return 'accepted'
}

const placeOf = (problem: string): string | undefined => /^(\d+:\d+): parse error: /.exec(problem)?.[1]
