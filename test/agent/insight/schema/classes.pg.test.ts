import { expect, test } from 'vitest'
import { factsQuery, listQuery } from '../../../../agent/insight/schema/class-queries.ts'
import { classesOf } from '../../../../agent/insight/schema/classes/classes.ts'
import { findPostgres, postgresMajors, startPostgres } from '../../../../testbed/postgres.ts'
import { createMonitor } from '../../scrape/measured-server.ts'
import { openForTest } from '../../actions/action-context.ts'

test.each(postgresMajors)(
  'what tells each class of objects is understood by PostgreSQL %i, and may be asked by a role that only monitors',
  async (major) => {
    if ((await findPostgres(major)) === undefined) return
    await using postgres = await startPostgres({ major })
    await createMonitor(postgres)
    await postgres.query(`
      create schema app; create table app.items (id int primary key, name text);
      create type app.shade as enum ('dark');
      create function app.same(app.shade, app.shade) returns boolean language sql immutable as 'select $1::text = $2::text';
      create operator app.=== (leftarg = app.shade, rightarg = app.shade, function = app.same);
      create collation app.plain (provider = icu, locale = 'de');
      create text search configuration app.searched (copy = simple);
      create cast (app.shade as text) with inout as implicit;
      create publication picked for table app.items ${major >= 15 ? `where (id > 3), tables in schema app` : ''}`)
    const session = await openForTest(postgres.url('postgres', 'pgherd'))()
    const told = new Map<string, number>()
    for (const one of [...classesOf(major * 10_000, false), ...classesOf(major * 10_000, true)]) {
      const { rows: listed } = await session.read({ text: listQuery(one), values: [''] }, 5_000)
      const bytes = Buffer.from(listed[0]?.[0] ?? '', 'base64')
      const oids = Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readUInt32BE(4 * i))
      const { rows } = await session.read({ text: factsQuery(one), values: [`{${oids.join(',')}}`] }, 5_000)
      told.set(one.name, rows.length)
      expect([one.name, rows.length]).toEqual([one.name, oids.length])
    }
    expect(told.get('relation')).toBe(2)
    for (const name of ['operator', 'collation', 'cast', 'text search configuration']) {
      expect([name, told.get(name)]).toEqual([name, 1])
    }
    expect(told.get('published part')).toBe(major >= 15 ? 1 : undefined)
    expect(told.get('published schema')).toBe(major >= 15 ? 1 : undefined)
  },
)
