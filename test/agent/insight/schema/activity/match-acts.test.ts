import { describe, expect, test } from 'vitest'
import { matchActs } from '../../../../../agent/insight/schema/activity/match-acts.ts'
import type { SchemaAct } from '../../../../../common/insight/schema-changes.ts'

const seen = (
  statement: string | null,
  more: Partial<SchemaAct> & { readonly relations?: readonly number[]; readonly databaseOid?: number } = {},
) => {
  const { relations = [], databaseOid = 5, ...told } = more
  const act: SchemaAct = {
    ...{ source: 'activity', pid: 7, actor: 'bob', application: null, client: null, statement, xid: null },
    ...{ startedMs: 60_000, endedMs: 61_000, lock: null, lockMs: null, waiters: null },
    ...told,
  }
  return { databaseOid, relations: new Set(relations), act }
}
const orders = {
  ...{ databaseOid: 5, oid: 16_400, parentOid: 2_200, name: 'orders', xid: '800', committedMs: null },
  isShared: false,
}
const span = { fromMs: 50_000, toMs: 70_000 }
const matched = (
  acts: readonly ReturnType<typeof seen>[],
  thing: Partial<typeof orders> & { committedMs?: null } = {},
) => matchActs(acts, { ...orders, ...thing }, span).map(({ act }) => act.statement)

describe('an act was about an object', () => {
  test.each([
    ['in the same transaction', seen('do ?', { xid: '800' })],
    ['with a lock on it', seen('do ?', { relations: [16_400] })],
    ['with its name in the statement', seen('ALTER TABLE public."Orders" ADD x int')],
  ])('%s', (_, act) => {
    expect(matched([act])).toHaveLength(1)
  })

  test.each([
    ['in another database', seen('alter table orders add x int', { databaseOid: 6 })],
    ['at another time', seen('alter table orders add x int', { startedMs: 1_000, endedMs: 2_000 })],
    ['about something with a longer name', seen('alter table orders_old add x int')],
    ['without any sign of it', seen('alter table items add x int')],
  ])('but not one %s', (_, act) => {
    expect(matched([act])).toEqual([])
  })

  test('the surest stands first: transaction before name, and the trigger before what was only seen', () => {
    const acts = [
      seen('alter table orders add a int'),
      seen('seen', { xid: '800' }),
      seen('told', { xid: '800', source: 'event trigger' }),
    ]
    expect(matched(acts)).toEqual(['told', 'seen', 'alter table orders add a int'])
  })
})

test('what belongs to a server as a whole may be changed from any database', () => {
  const acts = [seen('alter role clerk set work_mem = ?', { databaseOid: 6 })]
  expect(matchActs(acts, { ...orders, name: 'clerk', xid: null, isShared: true }, span)).toHaveLength(1)
})
