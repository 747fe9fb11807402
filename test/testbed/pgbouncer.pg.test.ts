import { expect, test } from 'vitest'
import { findProgram } from '../../testbed/find-program.ts'
import { startPgbouncer } from '../../testbed/pgbouncer.ts'
import { startPostgres } from '../../testbed/postgres.ts'
import { withClient } from '../../testbed/postgres-client.ts'

test('clients log in at pgBouncer with the password PostgreSQL knows, and only with that', async (context) => {
  if (findProgram('pgbouncer') === undefined) context.skip('pgBouncer is not installed')
  await using postgres = await startPostgres({ authentication: 'scram-sha-256' })
  await postgres.query(`create role app login password 'right'`)
  await using pooler = await startPgbouncer({ postgres })
  const login = (password: string): Promise<unknown> =>
    withClient({ host: '127.0.0.1', port: pooler!.port, user: 'app', password }, async (client) => {
      const { rows } = await client.query<Record<string, unknown>>('select current_user as "user"')
      return rows
    })
  expect(await login('right')).toEqual([{ user: 'app' }])
  await expect(login('wrong')).rejects.toThrow('SASL authentication failed')
})
