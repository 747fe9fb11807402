import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { findAll } from '../../../../agent/setup/find/find-all.ts'
import { findPgbackrest } from '../../../../agent/setup/find/find-pgbackrest.ts'
import { consoleUrl, lacksOfPooler } from '../../../../agent/setup/find/judge-pooler.ts'
import { memberConfig } from '../../../../testbed/ha/patroni-config.ts'
import { startArchivingPostgres } from '../../../../testbed/backup/pgbackrest.ts'
import { findProgram } from '../../../../testbed/find-program.ts'
import { startPgbouncer } from '../../../../testbed/pgbouncer.ts'
import { startPostgres } from '../../../../testbed/postgres.ts'
import { freePort } from '../../../../testbed/ports.ts'
import { childrenOf } from '../../../../testbed/process-table.ts'
import { startChild } from '../../../../testbed/process.ts'
import { stringify } from 'yaml'
import { ownProc } from './own-proc.ts'

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-find-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

test('a server is found once, with its directory, port, socket and version; its processes are none', async () => {
  await using server = await startPostgres({ major: 16 })
  const { servers, notes } = await findAll(ownProc([server.pid, ...childrenOf(server.pid)]))
  expect(notes).toEqual([])
  expect(servers).toMatchObject([
    {
      pid: server.pid,
      dataDirectory: server.dataDirectory,
      port: server.port,
      socketDirectory: server.socketDirectory,
      major: '16',
      debianName: undefined,
    },
  ])
})

test.skipIf(findProgram('pgbouncer') === undefined)(
  'a pgBouncer is found by its ini file, and what it lacks for the role is told with the places',
  async () => {
    await using server = await startPostgres({ authentication: 'scram-sha-256' })
    await server.query(`create role pgherd login password 'a-password-of-it'`)
    await using closed = (await startPgbouncer({ postgres: server }))!
    await using open = (await startPgbouncer({
      postgres: server,
      settings: { stats_users: 'other, pgherd' },
    }))!

    const { poolers } = await findAll(ownProc([closed.pid, open.pid]))
    const byPort = new Map(poolers.map((one) => [one.port, one]))
    const [one, other] = [byPort.get(closed.port)!, byPort.get(open.port)!]
    expect(one).toMatchObject({ address: '127.0.0.1', authType: 'scram-sha-256', users: ['pgbouncer_admin'] })
    expect(consoleUrl(one, 'pgherd')).toBe(`postgres://pgherd@127.0.0.1:${closed.port}/pgbouncer`)
    expect(lacksOfPooler(one, 'pgherd')).toEqual([
      `pgBouncer lacks stats_users = pgherd (beside those there are) in ${one.configFile}; then RELOAD on its console`,
    ])
    expect(lacksOfPooler(other, 'pgherd')).toEqual([])
    expect(lacksOfPooler(other, 'unknown').join()).toContain(`its line in ${other.authFile ?? ''}`)
  },
)

describe.skipIf(findProgram('haproxy') === undefined)('HAProxy', () => {
  const startHaproxy = async (more: (port: number, other: number) => string) => {
    const directory = temporaryDirectory()
    const file = join(directory, 'haproxy.cfg')
    const port = await freePort()
    const usual = 'defaults\n  mode http\n  timeout connect 1s\n  timeout client 1s\n  timeout server 1s\n'
    writeFileSync(file, `${usual}${more(port, await freePort())}`)
    const child = await startChild({
      name: 'HAProxy',
      command: findProgram('haproxy')!,
      args: ['-db', '-f', file],
      logFile: join(directory, 'log'),
    })
    await child.waitFor('it answers', async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/metrics`).catch(() => undefined)
      return answer !== undefined
    })
    return { child, port, file }
  }

  test('that tells its figures is found with their address', async () => {
    const { child, port, file } = await startHaproxy(
      (at, other) =>
        `listen other\n  bind 127.0.0.1:${other}\nfrontend stats\n  bind *:${at}\n  http-request use-service prometheus-exporter if { path /metrics }\n  stats enable\n`,
    )
    await using running = child
    const { neighbours } = await findAll(ownProc([running.pid]))
    expect(neighbours).toEqual([
      {
        what: `HAProxy (${file})`,
        entry: { kind: 'haproxy', url: `http://127.0.0.1:${port}/metrics` },
        lacks: undefined,
      },
    ])
  })

  test('that tells none is told what that takes', async () => {
    const { child } = await startHaproxy((at) => `frontend f\n  bind 127.0.0.1:${at}\n  stats enable\n`)
    await using running = child
    const [found] = (await findAll(ownProc([running.pid]))).neighbours
    expect(found?.lacks).toContain('http-request use-service prometheus-exporter')
  })
})

test('Patroni is found by its file, with scope, member and the address of its API', async () => {
  const directory = temporaryDirectory()
  const file = join(directory, 'patroni.yml')
  const config = memberConfig({
    ...{ scope: 'pg-shop', name: 'pg-shop-2', address: '127.0.0.1', peers: new Map([['a', '127.0.0.1']]) },
    ...{ dataDirectory: '/data/pg', directory, postgresBin: '/usr/bin' },
  })
  writeFileSync(file, stringify(config))
  // Patroni itself would start a server; what is looked at is a command line such as its own and its true file.
  const program = join(directory, 'patroni')
  writeFileSync(program, '#!/bin/sh\nread line < "$0.wait"\n', { mode: 0o755 })
  const mkfifo = await startChild({
    name: 'mkfifo',
    command: 'mkfifo',
    args: [`${program}.wait`],
    logFile: join(directory, 'log'),
  })
  await mkfifo.exited
  await using running = await startChild({
    name: 'Patroni',
    command: program,
    args: [file],
    logFile: join(directory, 'log'),
  })
  const { patronis, neighbours } = await findAll(ownProc([running.pid]))
  expect(patronis).toEqual([
    {
      configFile: file,
      scope: 'pg-shop',
      name: 'pg-shop-2',
      dataDirectory: '/data/pg',
      url: 'http://127.0.0.1:8008',
    },
  ])
  expect(neighbours[0]?.entry).toEqual({ kind: 'patroni', url: 'http://127.0.0.1:8008/metrics' })
})

test.skipIf(findProgram('pgbackrest') === undefined)(
  'pgBackRest is found by archive_command, and a repository that the agent may not read is named',
  async () => {
    await using archiving = await startArchivingPostgres()
    const { dataDirectory } = archiving.postgres
    const [setting] = await archiving.postgres.query<{ archive_command: string }>('show archive_command')
    const server = { dataDirectory, archiveCommand: setting?.archive_command ?? '' }
    const entry = {
      ...{ kind: 'pgbackrest', config_file: archiving.configFile },
      ...{ stanza: archiving.stanza, interval: '2m' },
    }
    const asOwner = await findPgbackrest([server], (work) => work())
    expect(asOwner).toMatchObject([{ entry, lacks: undefined }])
    const asStranger = await findPgbackrest([server], () => Promise.reject(new Error('EACCES')))
    expect(asStranger).toMatchObject([{ entry }])
    expect(asStranger[0]?.lacks).toContain(`may not read ${archiving.configFile} and `)
  },
)
