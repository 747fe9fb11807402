import { describe, expect, test } from 'vitest'
import type { SpillingStatement } from '../../../../../agent/tuning/details/spilling-statements.ts'
import { tempFiles } from '../../../../../agent/tuning/rules/memory/temp-files.ts'
import { GB, MB } from '../../recommend/some-machine.ts'
import { inputOf, saidBy, silent } from '../made-up.ts'
import type { MadeUp } from '../made-up.ts'

const statement = (text: string, bytes: number, of: Partial<SpillingStatement> = {}): SpillingStatement => ({
  role: 'app',
  database: 'shop',
  text,
  calls: 10,
  bytes,
  ...of,
})

const sort = 'select * from orders order by total'
const hash = 'select count(*) from orders join items using (id)'
/** Of 20 statements the same each. */
const many = (text: string) => Array.from({ length: 20 }, (_, i) => statement(`${text} /* ${i} */`, 50 * MB))

/** A day in which 48 GB went to 4800 files of 10 MB, unless told otherwise. */
function said(statements: readonly SpillingStatement[] | undefined, of: MadeUp = {}) {
  const bytes = (statements ?? []).reduce((sum, one) => sum + one.bytes, 0)
  const details = statements === undefined ? {} : { spillingStatements: { bytes, statements }, ...of.details }
  const counters = { 'database.temp_bytes': 48 * GB, 'database.temp_files': 4800, ...of.counters }
  return saidBy(tempFiles, { ...of, counters, details })
}

describe('whether it is worth a change', () => {
  test('1 GB an hour is not, more is', () => {
    expect(said(many(sort), { counters: { 'database.temp_bytes': 24 * GB } })).toEqual(silent)
    expect(said(many(sort), { counters: { 'database.temp_bytes': 24.1 * GB } })).not.toEqual(silent)
  })

  test('less is, when it takes more than 5 % of the time of all statements, of at least 100 files', () => {
    const little = { 'database.temp_bytes': GB, 'database.temp_files': 100 }
    const time = { 'statements.exec_time': 100_000, 'statements.temp_read_time': 2_000 }
    const slow = { ...little, ...time, 'statements.temp_write_time': 3_001 }
    expect(said(many(sort), { counters: slow }).reasons[0]).toContain('takes 5 % of the time')
    expect(said(many(sort), { counters: { ...slow, 'statements.temp_write_time': 3_000 } })).toEqual(silent)
    expect(said(many(sort), { counters: { ...slow, 'database.temp_files': 99 } })).toEqual(silent)
  })

  test('the first hour of a server says nothing', () => {
    expect(said(many(sort), { hoursSinceStart: 0.9 })).toEqual(silent)
  })

  test('whose they are has to be known', () => {
    expect(said(undefined)).toMatchObject({
      values: {},
      notes: [expect.stringContaining('pg_stat_statements')],
    })
  })
})

describe('of many statements', () => {
  test('work_mem is one and a half times the size of a file, for everybody', () => {
    const { values, reasons } = said(many(sort), { settings: { work_mem: '12MB' } })
    expect(values).toEqual({ work_mem: '16MB' })
    expect(reasons[0]).toBe(
      '2GB an hour go to temporary files of 10.2MB in the mean, of many statements, with work_mem 12MB: which holds most of them',
    )
  })

  test('it is at most the double', () => {
    const { values, reasons } = said(many(sort))
    expect(values).toEqual({ work_mem: '8MB' })
    expect(reasons[0]).toContain('a step toward 15.4MB')
  })

  test('a size between two steps goes to the first that is enough', () => {
    expect(said(many(sort), { settings: { work_mem: '10MB' } }).values).toEqual({ work_mem: '16MB' })
  })

  test('hashes get a larger hash_mem_multiplier first, up to 3, and then work_mem', () => {
    expect(said(many(hash)).values).toEqual({ hash_mem_multiplier: '3' })
    expect(said(many(hash), { major: 14 }).values).toEqual({ hash_mem_multiplier: '2' })
    expect(said(many(hash), { settings: { hash_mem_multiplier: '3' } }).values).toEqual({ work_mem: '8MB' })
  })

  test('hashes that make half of it or less do not', () => {
    const half = [...many(hash), ...many(sort)]
    expect(said(half).values).toEqual({ work_mem: '8MB' })
  })

  test('files of a whole GB are not chased', () => {
    const { values, notes } = said(many(sort), { counters: { 'database.temp_files': 48 } })
    expect(values).toEqual({})
    expect(notes[0]).toContain('no work_mem would hold files so large')
  })

  test('what everybody may have at most is not exceeded', () => {
    const at = said(many(sort), { profile: 'oltp', settings: { work_mem: '64MB' } })
    expect(at).toMatchObject({ values: {}, notes: [expect.stringContaining('more than 64MB is not given')] })
  })

  test('the memory budget has the last word: a smaller step, or none', () => {
    const small = { machine: { memoryBytes: 2 * GB }, counters: { 'database.temp_files': 1000 } }
    const room = { shared_buffers: '512MB', autovacuum_work_mem: '32MB', max_connections: '100' }
    expect(said(many(sort), { ...small, settings: { ...room, work_mem: '6MB' } }).values).toEqual({
      work_mem: '8MB',
    })
    const none = said(many(sort), { ...small, settings: { ...room, work_mem: '8MB' } })
    expect(none.values).toEqual({})
    expect(none.notes[0]).toMatch(/work_mem stays 8MB, because .* would be \d\d % of 2GB of memory/)
  })

  test('it takes memory, so that it waits where that is short', () => {
    const bytes = 1000 * MB
    const { drafts } = tempFiles.advise(
      inputOf({
        counters: { 'database.temp_bytes': 48 * GB, 'database.temp_files': 4800 },
        details: { spillingStatements: { bytes, statements: many(sort) } },
      }),
    )
    expect(drafts.map(({ takesMemory }) => takesMemory)).toEqual([true])
  })
})

describe('of five statements or fewer', () => {
  const few = [statement(sort, 850 * MB), ...many(sort).slice(0, 4)]

  test('their role gets the memory, nobody else, and the note has what they are', () => {
    const { drafts, notes } = tempFiles.advise(
      inputOf({
        counters: { 'database.temp_bytes': 48 * GB, 'database.temp_files': 4800 },
        details: { spillingStatements: { bytes: 1050 * MB, statements: few } },
      }),
    )
    expect(drafts).toMatchObject([
      { parameter: 'work_mem', proposed: '8MB', scope: { role: 'app', database: 'shop' }, takesMemory: true },
    ])
    expect(notes).toEqual([
      `2GB an hour go to temporary files of 10.2MB in the mean, 81 % of 1GB of it by one statement; app in shop writes 85MB in each of 10 calls of "${sort}": about 119MB of work_mem would hold it, if no index or other text makes it unnecessary`,
    ])
  })

  test('four fifths of it are the bound', () => {
    const most = [
      statement(sort, 800 * MB),
      ...many(sort)
        .slice(0, 10)
        .map((one) => ({ ...one, bytes: 20 * MB })),
    ]
    expect(said(most).notes).toHaveLength(1)
    const less = [statement(sort, 550 * MB), ...many(sort).slice(0, 9)]
    expect(said(less).notes).toEqual([])
  })

  test('what their role has already is what it begins from', () => {
    const roleSettings = [{ role: 'app', database: null, name: 'work_mem', value: '64MB' }]
    expect(said(few, { details: { roleSettings } }).values).toEqual({ work_mem: '128MB' })
  })

  test('hashes get a larger hash_mem_multiplier', () => {
    const { values, notes } = said([statement(hash, 900 * MB)])
    expect(values).toEqual({ hash_mem_multiplier: '3' })
    expect(notes).toHaveLength(1)
  })

  test('what is larger than a GB gets no memory, only the note', () => {
    const { values, notes } = said([statement(sort, 30 * GB)])
    expect(values).toEqual({})
    expect(notes[0]).toContain('no work_mem holds that')
  })

  test('each role gets its own', () => {
    const two = [statement(sort, 400 * MB), statement(sort, 400 * MB, { role: 'report' })]
    const bytes = 800 * MB
    const { drafts } = tempFiles.advise(
      inputOf({
        counters: { 'database.temp_bytes': 48 * GB, 'database.temp_files': 4800 },
        details: { spillingStatements: { bytes, statements: two } },
      }),
    )
    expect(drafts.map(({ scope }) => scope?.role)).toEqual(['app', 'report'])
  })

  test('more sessions of that role than the memory holds get none', () => {
    const roleSessions = [{ role: 'app', sessions: 5000, longIdle: 0 }]
    expect(said(few, { details: { roleSessions } }).values).toEqual({})
  })
})

describe('of builds of indexes', () => {
  const builds = [statement('CREATE INDEX i ON orders (total)', 900 * MB), statement(sort, 100 * MB)]

  test('maintenance_work_mem is doubled, up to 1GB', () => {
    expect(said(builds).values).toEqual({ maintenance_work_mem: '128MB' })
    expect(said(builds, { settings: { maintenance_work_mem: '1GB' } })).toMatchObject({
      values: {},
      notes: [expect.stringContaining('SET maintenance_work_mem')],
    })
  })

  test('half of it is not enough for that', () => {
    const half = [statement('REINDEX TABLE orders', 500 * MB), statement(sort, 500 * MB)]
    expect(said(half).values).toEqual({ work_mem: '8MB' })
  })
})
