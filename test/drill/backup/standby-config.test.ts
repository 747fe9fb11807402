import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { archiveCommand } from '../../../agent/backup/policy/archive-settings.ts'
import { createPgBackRest } from '../../../agent/backup/engine/pgbackrest.ts'
import { systemClock } from '../../../common/clock.ts'
import { pgBackRestProgram } from '../../../testbed/backup/run-pgbackrest.ts'
import { selfSigned } from '../../../testbed/backup/s3/certificate.ts'
import { startChild } from '../../../testbed/process.ts'
import { findProgram } from '../../../testbed/find-program.ts'
import { freePort, obstacleAtPort } from '../../../testbed/ports.ts'
import { startPostgres, startStandby } from '../../../testbed/postgres.ts'
import { unprivilegedOwner } from '../../../testbed/unprivileged.ts'
import { backupPlace, writeConfigOf } from '../../agent/backup/policy/written-config.ts'

test('a standby makes the backup with the configuration that is written for it, and the primary serves it by TLS', async () => {
  using onPrimary = backupPlace()
  using onStandby = backupPlace()
  const port = await freePort()
  const { key, certificate } = await selfSigned([{ type: 'dns', value: 'localhost' }])
  const repository = onPrimary.inside('repository')
  const policyAt = (place: typeof onPrimary, primary: string) => {
    const [certFile, keyFile] = [place.secret('certificate.pem', certificate), place.secret('key.pem', key)]
    return place.policy(
      `repositories: [{kind: local, path: ${repository}, shared: true, retention: {full: 2}}]`,
      'where: standby',
      'io_timeout: 2s',
      `members: [{address: localhost${primary}}, {address: standby.test}]`,
      `primary_access: {kind: tls, cert_file: ${certFile}, key_file: ${keyFile}, ca_file: ${certFile}, port: ${port}, allowed_names: [testbed]}`,
    )
  }
  const primaryPolicy = policyAt(onPrimary, '')
  const program = findProgram('pgbackrest') ?? 'pgbackrest'
  await using primary = await startPostgres({
    major: 15,
    settings: { archive_mode: 'on', archive_command: archiveCommand(primaryPolicy, program) },
  })
  await using standby = await startStandby(primary)
  const members = `, data_directory: ${primary.dataDirectory}, port: ${primary.port}, socket_directory: ${primary.socketDirectory}`
  const standbyPolicy = policyAt(onStandby, members)
  await writeConfigOf(primaryPolicy, primary, 'localhost')
  await writeConfigOf(standbyPolicy, standby, 'standby.test')

  await using server = await startChild({
    name: 'pgbackrest server',
    command: program,
    args: [`--config=${primaryPolicy.configFile}`, 'server'],
    logFile: join(onPrimary.path, 'server.log'),
    owner: unprivilegedOwner(),
    quickSignal: 'SIGTERM',
  })
  await server.waitFor('pgbackrest to listen', () => obstacleAtPort(port))
  const atStandby = pgBackRestProgram(standbyPolicy.configFile, 'pg-main')
  await atStandby.mustRun(['stanza-create'])
  const result = await atStandby.run(['backup', '--type=full', '--log-level-console=info'])
  expect(result.stdout).toMatch(/wait for replay on the standby/)
  expect(result.status).toBe(0)
  expect(existsSync(join(repository, 'backup', 'pg-main', 'latest', 'backup.manifest'))).toBe(true)

  // Nobody serves the standby here: the primary that helps out is to make it of its own files.
  const engine = (isPrimary: boolean) =>
    createPgBackRest({
      ...{ command: [program], configFile: primaryPolicy.configFile, stanza: 'pg-main', nice: 0 },
      ...{ user: unprivilegedOwner(), clock: systemClock, isPrimary: () => isPrimary },
    })
  const { signal } = new AbortController()
  {
    await using blind = engine(false)
    await expect(blind.backup('incr', { signal })).rejects.toThrow(/standby/)
  }
  await using aware = engine(true)
  expect((await aware.backup('incr', { signal })).label).toMatch(/I$/)
})
