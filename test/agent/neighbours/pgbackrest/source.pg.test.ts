import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Neighbour } from '../../../../agent/neighbours/neighbour.ts'
import { createPgbackrestSource } from '../../../../agent/neighbours/pgbackrest/source.ts'
import type { PgbackrestOptions } from '../../../../agent/neighbours/pgbackrest/source.ts'
import { systemClock } from '../../../../common/clock.ts'
import { silentLog } from '../../../../common/log.ts'
import { findProgram } from '../../../../testbed/find-program.ts'
import { findPostgres } from '../../../../testbed/postgres-binaries.ts'
import { runCommand } from '../../../../testbed/run-command.ts'
import { sampleMap } from '../exposition/samples-of.ts'
import { createHeardLog, roundAt } from '../probing.ts'
import { stanza, startRepository } from './repository.ts'
import type { Repository } from './repository.ts'

const installed = findProgram('pgbackrest') !== undefined && (await findPostgres(15)) !== undefined
const labelsFor = (job: string, port: number): Record<string, string> => ({
  job,
  instance: `10.0.0.1:${port}`,
})

describe.skipIf(!installed)('a real repository', () => {
  let repository: Repository

  beforeAll(async () => {
    repository = await startRepository()
  })
  afterAll(async () => {
    await repository[Symbol.asyncDispose]()
  })

  const source = (options: Partial<PgbackrestOptions> = {}): Neighbour =>
    createPgbackrestSource({
      labelsFor,
      command: repository.command,
      configFile: repository.configFile,
      clock: systemClock,
      log: silentLog,
      ...options,
    })
  const measured = async (
    atMs: number,
    options?: Partial<PgbackrestOptions>,
  ): Promise<ReadonlyMap<string, number>> => {
    await using one = source(options)
    const { up, tables } = await one.measure(roundAt(atMs, 20_000))
    expect(up).toBe(true)
    return sampleMap(tables)
  }

  test('a stanza that was never created is missing', async () => {
    const log = createHeardLog()
    const samples = await measured(0, { stanza, log })
    expect(samples.get(`pgbackrest_stanza_status{stanza="${stanza}"}`)).toBe(1)
    expect(log.heard).toEqual([
      `warn neighbours: pgbackrest finds something wrong: stanza ${stanza}: missing stanza path`,
    ])
  })

  test('a stanza without a backup has none', async () => {
    await repository.run('stanza-create')
    const samples = await measured(0)
    expect(samples.get(`pgbackrest_stanza_status{stanza="${stanza}"}`)).toBe(2)
    expect(samples.get(`pgbackrest_repo_status{cipher="none",repo_key="1",stanza="${stanza}"}`)).toBe(2)
    expect([...samples.keys()].filter((name) => name.includes('_backup_since_'))).toEqual([])
  })

  test('after a full and an incremental backup the figures are those of info', async () => {
    await repository.run('backup', '--type=full')
    await repository.postgres.query('create table one as select generate_series(1, 10000) as id')
    await repository.run('backup', '--type=incr', '--annotation=why=test')
    const [info] = JSON.parse(await repository.run('info', '--output=json')) as [
      {
        backup: {
          label: string
          prior: string | null
          archive: { start: string; stop: string }
          lsn: { start: string; stop: string }
          timestamp: { start: number; stop: number }
          info: { size: number; delta: number; repository: { size: number; delta: number } }
        }[]
      },
    ]
    const [full, incremental] = info.backup
    const nowMs = (incremental!.timestamp.stop + 100) * 1000
    const samples = await measured(nowMs)
    expect(samples.get(`pgbackrest_stanza_status{stanza="${stanza}"}`)).toBe(0)
    expect(samples.get(`pgbackrest_stanza_lock_status{stanza="${stanza}"}`)).toBe(0)
    expect(samples.get(`pgbackrest_exporter_status{stanza="all-stanzas"}`)).toBe(1)
    expect(
      samples.get(
        `pgbackrest_wal_archive_status{database_id="1",pg_version="15",repo_key="1",stanza="${stanza}"}`,
      ),
    ).toBe(1)
    for (const [backup, type] of [
      [full!, 'full'],
      [incremental!, 'incr'],
    ] as const) {
      const labels = `{backup_name="${backup.label}",backup_type="${type}",block_incr="n",database_id="1",repo_key="1",stanza="${stanza}"}`
      const last = `{backup_type="${type}",block_incr="n",stanza="${stanza}"}`
      const { size, delta, repository: inRepository } = backup.info
      for (const [metric, value] of [
        ['size_bytes', size],
        ['delta_bytes', delta],
        ['repo_size_bytes', inRepository.size],
        ['repo_delta_bytes', inRepository.delta],
        ['error_status', 0],
      ] as const) {
        expect(samples.get(`pgbackrest_backup_${metric}${labels}`), metric).toBe(value)
        expect(samples.get(`pgbackrest_backup_last_${metric}${last}`), metric).toBe(value)
      }
      expect(samples.get(`pgbackrest_backup_since_last_completion_seconds${last}`)).toBe(
        nowMs / 1000 - backup.timestamp.stop,
      )
      expect(samples.get(`pgbackrest_backup_last_duration_seconds${last}`)).toBe(
        backup.timestamp.stop - backup.timestamp.start,
      )
    }
    const diff = `{backup_type="diff",block_incr="n",stanza="${stanza}"}`
    expect(samples.get(`pgbackrest_backup_last_size_bytes${diff}`)).toBe(full!.info.size)
    expect(
      samples.get(
        `pgbackrest_backup_annotations{backup_name="${incremental!.label}",backup_type="incr",block_incr="n",database_id="1",repo_key="1",stanza="${stanza}"}`,
      ),
    ).toBe(1)
    const { lsn, archive } = incremental!
    expect(
      samples.get(
        `pgbackrest_backup_info{backrest_ver="${await version()}",backup_name="${incremental!.label}",backup_type="incr",block_incr="n",database_id="1",lsn_start="${lsn.start}",lsn_stop="${lsn.stop}",pg_version="15",prior="${full!.label}",repo_key="1",stanza="${stanza}",wal_start="${archive.start}",wal_stop="${archive.stop}"}`,
      ),
    ).toBe(1)
  })

  test('a repository that cannot be entered is status 99, and the log says why', async () => {
    const inside = join(repository.directory, 'repository', 'backup')
    chmodSync(inside, 0o000)
    try {
      const log = createHeardLog()
      const samples = await measured(0, { stanza, log })
      expect(samples.get(`pgbackrest_stanza_status{stanza="${stanza}"}`)).toBe(99)
      expect(log.heard.join()).toContain('[PathOpenError]')
    } finally {
      chmodSync(inside, 0o750)
    }
  })

  test('a configuration that pgBackRest does not accept means down, and the log says why', async () => {
    const log = createHeardLog()
    await using one = source({ configFile: '/does/not/exist', log })
    const { up, tables } = await one.measure(roundAt(0, 20_000))
    expect(up).toBe(false)
    expect(sampleMap(tables).get('pgbackrest_exporter_status{stanza="all-stanzas"}')).toBe(0)
    expect(log.heard.join()).toMatch(/cannot be measured: \w+ ended with status 55: .*\/does\/not\/exist/)
  })

  async function version(): Promise<string> {
    const { stdout } = await runCommand(findProgram('pgbackrest')!, ['version'])
    return stdout.trim().split(' ')[1]!
  }
})
