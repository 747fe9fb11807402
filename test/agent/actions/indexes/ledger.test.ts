import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import type { DropRecord } from '../../../../agent/actions/indexes/ledger-record.ts'
import { openIndexLedger } from '../../../../agent/actions/indexes/ledger.ts'
import { savedOf } from '../../../../agent/actions/kinds/index-restore.ts'
import { silentLog } from '../../../../common/log.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'pgherd-ledger-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
})

const drop = (
  id: string,
  of: Partial<DropRecord> = {},
  name = 'orders_idx',
  database = 'shop',
): DropRecord => ({
  ...{
    id,
    server: 'pg-main-1:5433',
    kind: 'drop',
    state: 'dropped',
    startedMs: 1,
    endedMs: 2,
    message: 'dropped',
  },
  index: {
    ...{
      system: '7',
      database,
      schema: 'public',
      name,
      sql: `public.${name}`,
      oid: '17',
      table: 'public.orders',
    },
    ...{ tableOid: '16', definition: `CREATE INDEX ${name} ON public.orders USING btree (n)`, comment: null },
    ...{ tablespace: '', statistics: [], isUnique: false, isClustered: false, isReplicaIdentity: false },
    ...{ isValid: true, hasExpressions: false, sizeBytes: 8192 },
  },
  ...of,
})

test('what was put is there in another life, for a server of any name', async () => {
  const ledger = await openIndexLedger(directory, silentLog)
  await ledger.put(drop('a'))
  await ledger.put(drop('b'))
  await ledger.put(drop('a', { state: 'restored' }))
  const again = await openIndexLedger(directory, silentLog)
  expect(again.servers).toEqual(['pg-main-1:5433'])
  expect(again.of('pg-main-1:5433').map(({ id, state }) => [id, state])).toEqual([
    ['a', 'restored'],
    ['b', 'dropped'],
  ])
  expect(again.of('pg-main-2')).toEqual([])
})

test('a damaged file keeps its server from being changed, and no other one', async () => {
  const ledger = await openIndexLedger(directory, silentLog)
  await ledger.put(drop('a'))
  const [name] = readdirSync(directory)
  writeFileSync(join(directory, name!), '{"version":1,"records":[{"kind":"drop"}]}')
  const again = await openIndexLedger(directory, silentLog)
  expect(() => again.of('pg-main-1:5433')).toThrow(
    /is damaged[^]*Nothing is changed there until it is moved away/,
  )
  await expect(again.put(drop('b'))).rejects.toMatchObject({ code: 'BAD_DATA' })
  await again.put(drop('c', { server: 'pg-main-2' }))
  expect(again.of('pg-main-2')).toHaveLength(1)
})

test('what is over is forgotten in the end, what is dropped long after, what goes on never', async () => {
  const ledger = await openIndexLedger(directory, silentLog)
  ledger.hold(drop('open', { state: 'dropping', endedMs: null }))
  for (let i = 0; i < 2_100; i++) ledger.hold(drop(`d${i}`))
  for (let i = 0; i < 300; i++) ledger.hold(drop(`r${i}`, { state: 'restored' }))
  await ledger.put(drop('last'))
  const states = ledger.of('pg-main-1:5433')
  expect(states[0]).toMatchObject({ id: 'open' })
  expect(states.filter(({ state }) => state === 'dropped')).toHaveLength(2_000)
  expect(states.filter(({ state }) => state === 'restored')).toHaveLength(200)
  expect(states.at(-1)).toMatchObject({ id: 'last' })
})

test('a dropped index is named by its id, the beginning of it, or its name; the newest of that name is meant', async () => {
  const ledger = await openIndexLedger(directory, silentLog)
  for (const one of [
    drop('aaaa-1'),
    drop('aaaa-2'),
    drop('bbbb-1', {}, 'other_idx'),
    drop('cccc-1', {}, 'orders_idx', 'reports'),
    drop('dddd-1', { state: 'restored', message: 'built anew' }, 'done_idx'),
  ]) {
    ledger.hold(one)
  }
  const saved = (name: string, database?: string) =>
    savedOf({ ledger }, 'pg-main-1:5433', { saved: name, database }).id
  expect(saved('bbbb')).toBe('bbbb-1')
  expect(saved('public.other_idx')).toBe('bbbb-1')
  expect(saved('public.orders_idx', 'shop')).toBe('aaaa-2')
  expect(saved('public.orders_idx', 'reports')).toBe('cccc-1')
  expect(() => saved('public.orders_idx')).toThrow(/several are saved .* in shop, .* in reports/)
  expect(() => saved('public.done_idx')).toThrow(/the last one is restored: built anew/)
  expect(() => saved('public.nowhere')).toThrow(
    /no dropped index of pg-main-1:5433 is saved as public.nowhere/,
  )
})
