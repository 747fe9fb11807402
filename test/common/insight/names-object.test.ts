import { expect, test } from 'vitest'
import { namesObject } from '../../../common/insight/names-object.ts'

test.each([
  ['alter table public."Orders" add x int', 'orders', true],
  ['drop function area(integer)', 'area(integer)', true],
  ['alter table orders_old add x int', 'orders', false],
  ['select 1', '', false],
  ['alter table a.b$c add x int', 'b', false],
])('%s names %s: %s', (statement, name, expected) => {
  expect(namesObject(name)(statement)).toBe(expected)
})
