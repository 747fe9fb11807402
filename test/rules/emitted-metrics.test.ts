import { expect, test } from 'vitest'
import { askedBy, catalogueMetrics, together, unknownIn } from './emitted-metrics.ts'

test('each selector of an expression is found, with the labels it looks at, and one without a name is not', () => {
  const text =
    'sum by (a) (rate(m{x="1",y=~"2"}[5m])) / on (a) (n offset 1d) unless {z="3"} or max_over_time(m[1h:1m])'
  expect(askedBy(text)).toEqual([
    { metric: 'm', labels: ['x', 'y'] },
    { metric: 'n', labels: [] },
    { metric: 'm', labels: [] },
  ])
})

test('a metric that nobody emits and a label that its series do not have are told', () => {
  const emitted = together(new Map([['m', new Set(['x'])]]), new Map([['m', new Set(['y'])]]))
  expect(unknownIn('m{x="1",y="2"}', emitted)).toEqual([])
  expect(unknownIn('m{z="1"} + gone{x="1"}', emitted)).toEqual(['m has no label z', 'nobody emits gone'])
})

test('of the catalogue come the labels of each probe, and the parts of histograms', async () => {
  const catalogue = await catalogueMetrics()
  expect([...(catalogue.get('pg_slot_retained_bytes') ?? [])]).toEqual(
    expect.arrayContaining(['ins', 'slot_name', 'slot_type']),
  )
  expect(catalogue.get('pg_xact_age_seconds_bucket')).toContain('le')
  expect(catalogue.has('pg_xact_age_seconds')).toBe(false)
})
