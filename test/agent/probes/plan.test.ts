import { describe, expect, test } from 'vitest'
import type { ProbeDefinition } from '../../../agent/probes/definition.ts'
import { explainPlan, planProbes, schemasOf } from '../../../agent/probes/plan.ts'
import type { ServerFacts } from '../../../agent/probes/plan.ts'
import { parseProbes } from '../../../agent/probes/parse.ts'

const primary: ServerFacts = {
  kind: 'postgres',
  main: true,
  versionNumber: 180_004,
  inRecovery: false,
  database: 'app',
  user: 'pgherd',
  extensions: new Map([['pg_stat_statements', '1.12']]),
  schemas: new Set(['monitor']),
}
const standby = { ...primary, inRecovery: true }

function probe(branch: string, keys: string): ProbeDefinition {
  const text = `${branch}: { query: select 1 as n, metrics: [{ n: { usage: GAUGE } }], ${keys} }`
  const { probes, problems } = parseProbes(text, 'my.yml', 100)
  expect(problems).toEqual([])
  return probes[0]!
}

function reason(keys: string, server: ServerFacts = primary, tags: readonly string[] = []): string {
  return explainPlan([probe('pg_x', keys)], server, new Set(tags))[0]!.reason
}

describe('a branch fits', () => {
  test.each([
    ['min_version: 180000', 'fits'],
    ['min_version: 180004', 'fits'],
    ['min_version: 180005', 'needs version 180005 or later, this is 180004'],
    ['max_version: 180005', 'fits'],
    // The upper bound is not included.
    ['max_version: 180004', 'is for versions below 180004, this is 180004'],
    ['min_version: 140000, max_version: 180000', 'is for versions below 180000, this is 180004'],
    ['skip: true', 'skip is set'],
    ['tags: [pgbouncer]', 'is for pgBouncer'],
  ])('by version: %s', (keys, expected) => {
    expect(reason(keys)).toBe(expected)
  })

  test.each(['primary', 'master', 'leader'])('only on a primary: %s', (tag) => {
    expect(reason(`tags: [${tag}]`)).toBe('fits')
    expect(reason(`tags: [${tag}]`, standby)).toBe(`tag ${tag} does not hold`)
  })

  test.each(['replica', 'standby', 'slave'])('only on a standby: %s', (tag) => {
    expect(reason(`tags: [${tag}]`)).toBe(`tag ${tag} does not hold`)
    expect(reason(`tags: [${tag}]`, standby)).toBe('fits')
  })

  test.each([
    ['cluster', true],
    ['extension:pg_stat_statements', true],
    ['extension:citus', false],
    ['schema:monitor', true],
    ['schema:absent', false],
    ['dbname:app', true],
    ['dbname:other', false],
    ['username:pgherd', true],
    ['username:other', false],
    ['mine', true],
    ['yours', false],
  ])('by condition: %s is %s, and its negation the opposite', (tag, holds) => {
    const verdict = (one: string): string => reason(`tags: ["${one}"]`, primary, ['mine'])
    expect(verdict(tag)).toBe(holds ? 'fits' : `tag ${tag} does not hold`)
    expect(verdict(`not:${tag}`)).toBe(holds ? `tag not:${tag} does not hold` : 'fits')
  })

  test('only when all its tags hold', () => {
    expect(reason('tags: [cluster, primary, "extension:citus"]')).toBe('tag extension:citus does not hold')
  })
})

test('fatal branches come first, then by priority; those that do not fit are left out', () => {
  const planned = planProbes(
    [
      probe('late', 'priority: 200'),
      probe('early', 'priority: 10'),
      probe('fatal', 'priority: 900, fatal: true'),
      probe('unfit', 'tags: [replica]'),
    ],
    primary,
  )
  expect(planned.map(({ branch }) => branch)).toEqual(['fatal', 'early', 'late'])
})

test('the schemas to look for are those that a tag names, negated or not', () => {
  expect(
    schemasOf([
      probe('a', 'tags: ["schema:monitor", cluster]'),
      probe('b', 'tags: ["not:schema:app", "schema:monitor"]'),
    ]),
  ).toEqual(['app', 'monitor'])
})
