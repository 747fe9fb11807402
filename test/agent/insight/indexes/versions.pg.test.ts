import { describe, expect, test } from 'vitest'
import { describeServer } from '../../../../agent/insight/indexes/describe-server.ts'
import { gatherFacts } from '../../../../agent/insight/indexes/gather-facts.ts'
import { lookAtCounters } from '../../../../agent/insight/indexes/look-at-counters.ts'
import { silentLog } from '../../../../common/log.ts'
import { allPostgresMajors, findPostgres, startPostgres } from '../../../../testbed/postgres.ts'
import { createMonitor } from '../../scrape/measured-server.ts'
import { connectTo } from './looked-at.ts'

describe.each(allPostgresMajors)('PostgreSQL %i', async (major) => {
  const installed = (await findPostgres(major)) !== undefined

  test.skipIf(!installed)('is looked at, and its indexes are worded as it does', async () => {
    await using server = await startPostgres({ major })
    await createMonitor(server)
    await server.query(`
    create table item (id int primary key, name text, code int);
    create index item_name on item (name desc);
    create index item_name_again on item (name desc);
    create index item_lower on item (lower(name)) where code > 1`)
    using connection = await connectTo(server)
    const described = await describeServer(connection)
    expect(described).toMatchObject({ major, followers: [] })
    const look = await lookAtCounters(connection, described)
    expect(look).toMatchObject({ counts: true, inRecovery: false, database: 'postgres' })
    const facts = await gatherFacts(connection, {
      ...{ major, countersSinceMs: look.resets.serverMs, candidates: [...look.oids], log: silentLog },
    })
    const rows = await server.query<{ index: string; definition: string }>(
      `select indexname as index, indexdef as definition from pg_indexes where tablename = 'item' order by 1`,
    )
    const told = facts.indexes.map(({ index, definition }) => ({ index, definition }))
    expect(told.toSorted((a, b) => a.index.localeCompare(b.index))).toEqual(rows)
    expect(facts.indexes.flatMap(({ coveredBy }) => coveredBy ?? [])).toMatchObject([
      { index: 'item_name', isEqual: true },
    ])
    expect(facts.indexes.every(({ writesPerDay }) => writesPerDay === 0)).toBe(true)
  })
})
