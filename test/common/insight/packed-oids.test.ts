import { expect, test } from 'vitest'
import { namesObject } from '../../../common/insight/names-object.ts'
import { packOids, readOids } from '../../../common/insight/packed-oids.ts'

test('oids are read as PostgreSQL packs them, the highest byte first, and come back the same', () => {
  expect([...readOids('AAAACgAAQAk=')]).toEqual([10, 16_393])
  const oids = Uint32Array.from([0, 1, 4_294_967_295])
  expect([...readOids(packOids(oids))]).toEqual([...oids])
  expect([...readOids('')]).toEqual([])
})

test.each([
  ['alter table public."Orders" add x int', 'orders', true],
  ['drop function area(integer)', 'area(integer)', true],
  ['alter table orders_old add x int', 'orders', false],
  ['select 1', '', false],
  ['alter table a.b$c add x int', 'b', false],
])('%s names %s: %s', (statement, name, expected) => {
  expect(namesObject(name)(statement)).toBe(expected)
})
