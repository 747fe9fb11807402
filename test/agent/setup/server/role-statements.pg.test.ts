import { expect, test } from 'vitest'
import { inTransaction, roleStatements } from '../../../../agent/setup/server/role-statements.ts'
import { startPostgres } from '../../../../testbed/postgres.ts'

const facts = { role: undefined, mayConnect: true, statements: 'there' } as const

test.each([14, 18] as const)(
  'the password of a new role stands in no statement that PostgreSQL %i counts',
  async (major) => {
    await using server = await startPostgres({ major })
    await server.query('create extension if not exists pg_stat_statements')
    await server.query('select pg_stat_statements_reset()')
    await server.query(inTransaction(roleStatements('pgherd', facts, `'a-secret-word'`)).join(';'))

    const kept = await server.query<{ query: string }>('select query from pg_stat_statements')
    expect(kept.length).toBeGreaterThan(0)
    expect(kept.filter(({ query }) => query.includes('a-secret-word'))).toEqual([])
    const [role] = await server.query<{ rolpassword: string | null }>(
      `select rolpassword from pg_authid where rolname = 'pgherd'`,
    )
    expect(role?.rolpassword).toMatch(/^SCRAM-SHA-256/)
  },
)
