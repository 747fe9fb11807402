import { expect, test } from 'vitest'
import { temporaryTables } from '../../../../../agent/tuning/rules/memory/temporary-tables.ts'
import { MB } from '../../recommend/some-machine.ts'
import { inputOf, saidBy, silent } from '../made-up.ts'
import type { MadeUp } from '../made-up.ts'

const written = (perHour: number) => ({ 'statements.local_blks_written': (24 * perHour) / 8192 })
const roles = [
  { role: 'batch', database: 'shop', bytes: 900 * MB },
  { role: 'app', database: 'shop', bytes: 100 * MB },
]
const said = (of: MadeUp = {}) =>
  saidBy(temporaryTables, {
    counters: written(101 * MB),
    ...of,
    details: { temporaryTableRoles: roles, ...of.details },
  })

test('more than 100 MB an hour give the role that writes them the double', () => {
  expect(said({ counters: written(100 * MB) })).toEqual(silent)
  const { drafts } = temporaryTables.advise(
    inputOf({ counters: written(101 * MB), details: { temporaryTableRoles: roles } }),
  )
  expect(drafts).toMatchObject([
    {
      parameter: 'temp_buffers',
      proposed: '16MB',
      scope: { role: 'batch', database: 'shop' },
      takesMemory: true,
      reason:
        '101MB an hour of temporary tables are written to disk, 900MB so far by batch in shop, which has temp_buffers 8MB',
    },
  ])
})

test('32MB are the most', () => {
  expect(said({ settings: { temp_buffers: '24MB' } }).values).toEqual({ temp_buffers: '32MB' })
  expect(said({ settings: { temp_buffers: '32MB' } })).toMatchObject({
    values: {},
    notes: [expect.stringContaining('more does not pay')],
  })
})

test('what the role has for itself is what it begins from', () => {
  const roleSettings = [{ role: 'batch', database: null, name: 'temp_buffers', value: '16MB' }]
  expect(said({ details: { roleSettings } }).values).toEqual({ temp_buffers: '32MB' })
})

test('the sessions of that role have to fit into the memory', () => {
  const roleSessions = [{ role: 'batch', sessions: 2000, longIdle: 0 }]
  expect(said({ details: { roleSessions } })).toMatchObject({
    values: {},
    notes: [expect.stringContaining('would be')],
  })
})

test('the first hour says nothing', () => {
  expect(said({ hoursSinceStart: 0.5 })).toEqual(silent)
})
