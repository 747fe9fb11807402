import { expect, test } from 'vitest'
import { startPostgres } from '../../../testbed/postgres.ts'
import { watch } from './watched.ts'

test.each([
  ['alter role pgherd set default_transaction_read_only = on', true],
  ['alter database postgres set default_transaction_read_only = on', true],
  ['alter role all set default_transaction_read_only = on', false],
])('%s: the server takes writes of others: %s', async (statement, isWritable) => {
  await using server = await startPostgres()
  await server.query('create role pgherd login in role pg_monitor')
  await server.query(statement)
  const url = new URL(server.url('postgres'))
  url.username = 'pgherd'
  const watched = watch(`postgres: { url: '${url.href}' }`)
  const { report } = await watched.until('its settings to be known', (health) => health.isWritable !== null)
  expect(report).toMatchObject({ role: 'primary', isWritable })
})
