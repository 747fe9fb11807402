import { expect, test } from 'vitest'
import { createMetadataStore } from '../../../collector/ingest/metadata-store.ts'

const gauge = { type: 'gauge', help: '', unit: '' } as const

test('what is said again is kept once, what is said otherwise beside it', () => {
  const store = createMetadataStore()
  for (const help of ['a', 'b', 'a']) store.add('m', { ...gauge, help })
  expect(
    store
      .list('m')
      .get('m')
      ?.map(({ help }) => help),
  ).toEqual(['a', 'b'])
})

test('of a metric about which senders never agree the latest are kept', () => {
  const store = createMetadataStore()
  for (let i = 0; i < 100; i++) store.add('m', { ...gauge, help: String(i) })
  expect(
    store
      .list('m')
      .get('m')
      ?.map(({ help }) => Number(help)),
  ).toEqual([92, 93, 94, 95, 96, 97, 98, 99])
})

test('beyond the limits the first metrics are forgotten', () => {
  const few = createMetadataStore({ maxMetrics: 2 })
  for (const name of ['a', 'b', 'c']) few.add(name, gauge)
  expect([...few.list().keys()]).toEqual(['b', 'c'])
  const small = createMetadataStore({ maxCharacters: 1000 })
  for (let i = 0; i < 50; i++) small.add(`m${i % 10}`, { ...gauge, help: 'x'.repeat(300 + i) })
  expect(JSON.stringify([...small.list()]).length).toBeLessThan(1500)
  expect(small.list().size).toBeGreaterThan(0)
})

test('a help text is cut, a name that is too long is not kept', () => {
  const store = createMetadataStore()
  store.add('m', { ...gauge, help: 'x'.repeat(1 << 20) })
  store.add('n'.repeat(1 << 20), gauge)
  expect([...store.list().keys()]).toEqual(['m'])
  expect(store.list('m').get('m')?.[0]?.help).toHaveLength(2048)
})
