import { expect, test } from 'vitest'
import { isPasswordOf, scramVerifier } from '../../../../agent/setup/server/scram-verifier.ts'
import { startPostgres } from '../../../../testbed/postgres.ts'
import { withClient } from '../../../../testbed/postgres-client.ts'

test('PostgreSQL takes the verifier for that password, and ours recognises those that PostgreSQL makes', async () => {
  await using server = await startPostgres({ authentication: 'scram-sha-256' })
  const salt = Buffer.from('0123456789abcdef')
  await server.query(`create role one login password '${scramVerifier('right-password', salt)}'`)
  const login = (password: string) =>
    withClient({ host: '127.0.0.1', port: server.port, user: 'one', password }, (client) =>
      client.query('select 1'),
    )
  await expect(login('right-password')).resolves.toMatchObject({ rowCount: 1 })
  await expect(login('wrong-password')).rejects.toMatchObject({ code: '28P01' })

  await server.query(`create role two login password 'its-password'`)
  await server.query(`set password_encryption = md5; create role three login password 'its-password'`)
  const rows = await server.query<{ rolname: string; rolpassword: string }>(
    `select rolname, rolpassword from pg_authid where rolname in ('two', 'three')`,
  )
  for (const { rolname, rolpassword } of rows) {
    expect(isPasswordOf(rolpassword, 'its-password', rolname), rolpassword).toBe(true)
    expect(isPasswordOf(rolpassword, 'another-password', rolname), rolpassword).toBe(false)
  }
  expect(rows).toHaveLength(2)
})
