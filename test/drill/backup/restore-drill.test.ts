import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { endScratch } from '../../../agent/backup/drill/end-scratch.ts'
import { processesIn } from '../../../agent/backup/drill/processes-in.ts'
import { createPgBackRest } from '../../../agent/backup/engine/pgbackrest.ts'
import { systemClock } from '../../../common/clock.ts'
import { flipByte, removeSegment } from '../../../testbed/backup/faults.ts'
import { startArchivingPostgres } from '../../../testbed/backup/pgbackrest.ts'
import type { ArchivingPostgres } from '../../../testbed/backup/pgbackrest.ts'
import { largestBackupFile } from '../../../testbed/backup/repository-files.ts'
import { createOwnDirectory } from '../../../testbed/own-directory.ts'
import { unprivilegedOwner } from '../../../testbed/unprivileged.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { drillBed, failureOf } from '../../agent/backup/drill/drill-bed.ts'
import type { DrillBed } from '../../agent/backup/drill/drill-bed.ts'

describe('a drill of a database of pgbench with tablespaces, by the engine itself', () => {
  let bed: ArchivingPostgres
  let engine: ReturnType<typeof createPgBackRest>
  let drills: DrillBed
  const owner = unprivilegedOwner()
  const tablespace = createOwnDirectory({ prefix: 'pgherd-tablespace-' }, owner)

  beforeAll(async () => {
    bed = await startArchivingPostgres({ pgbenchScale: 2 })
    await bed.postgres.query(`create tablespace far location '${tablespace.path}'`)
    await bed.postgres.query('create table distant tablespace far as select 1 as one')
    await bed.backup('full')
    await bed.postgres.query('insert into distant values (2)')
    await bed.archive()
    engine = createPgBackRest({
      command: ['pgbackrest'],
      configFile: bed.configFile,
      stanza: bed.stanza,
      user: owner,
      nice: 5,
      clock: systemClock,
    })
    drills = drillBed(engine, bed.postgres)
  })
  afterAll(async () => {
    drills[Symbol.dispose]()
    await engine[Symbol.asyncDispose]()
    await bed[Symbol.asyncDispose]()
    tablespace[Symbol.dispose]()
  })
  const isThere = [
    { database: 'postgres', what: 'tablespaces', sql: 'select count(*) = 2 from public.distant' },
  ]

  test('tablespaces go into the scratch directory, and those of the live server are left alone', async () => {
    const before = readdirSync(tablespace.path, { recursive: true }).sort()
    const done = await drills.run({ queries: isThere })

    expect(done, done.message).toMatchObject({ problem: null })
    expect(readdirSync(tablespace.path, { recursive: true }).sort()).toEqual(before)
    expect(drills.left()).toEqual([])
  })

  test('a file of the backup that has changed is found', async () => {
    const damage = flipByte(largestBackupFile(bed))
    onTestFinished(() => damage.heal())

    expect(await failureOf(drills.run())).toMatchObject({ problem: 'checksum' })
    expect(drills.left()).toEqual([])
  })

  test('an agent that is killed leaves a server, which is found and ended with all that it made', async () => {
    const child = spawn(
      process.execPath,
      [
        fileURLToPath(new URL('drill-main.ts', import.meta.url)),
        bed.configFile,
        bed.stanza,
        drills.directory,
      ],
      { stdio: ['ignore', 'inherit', 'inherit'] },
    )
    const scratch = await waitFor(
      'a server in the scratch directory',
      async () => {
        const [name] = drills.left()
        if (name === undefined) return undefined
        const directory = join(drills.directory, name)
        return (await processesIn(join(directory, 'data'))).length > 1 ? directory : undefined
      },
      { timeoutMs: 60_000 },
    )
    child.kill('SIGKILL')

    expect(await endScratch(scratch, systemClock)).toMatch(
      /\d+ processes that worked in .* were ended, and it was removed/,
    )
    expect(await processesIn(scratch)).toEqual([])
    expect(existsSync(scratch)).toBe(false)
    expect(await endScratch(scratch, systemClock)).toBeUndefined()
  })

  test('a segment that is missing is found', async () => {
    await bed.postgres.query('insert into distant values (3)')
    const name = await bed.archive()
    await bed.postgres.query('insert into distant values (4)')
    await bed.archive()
    await using gap = removeSegment(bed, { name })

    const failure = await failureOf(drills.run())

    expect(['archive-gap', 'target-unreachable']).toContain(failure.problem)
    expect(failure.message).toContain(gap.segment.name)
    expect(drills.left()).toEqual([])
  })
})
