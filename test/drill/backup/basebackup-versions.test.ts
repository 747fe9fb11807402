import { chmodSync, copyFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createOwnDirectory } from '../../../testbed/own-directory.ts'
import { findPostgres, startPostgres } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { unprivilegedOwner } from '../../../testbed/unprivileged.ts'
import { basebackupOf, never, ownDirectory } from '../../agent/backup/basebackup/basebackup-bed.ts'
import { flipByteOf } from '../../agent/backup/basebackup/flip-byte-of.ts'
import { drillBed, failureOf } from '../../agent/backup/drill/drill-bed.ts'

const owner = unprivilegedOwner()
const run = { signal: never }
const standIn = fileURLToPath(new URL('../../../testbed/backup/copy-by-protocol.mjs', import.meta.url))

/** A directory with a pg_basebackup that is none: no package has that of 16 or later. The server makes archives and manifest itself. */
async function programsFor({ major, dataDirectory }: PostgresServer): Promise<string> {
  const directory = ownDirectory('programs')
  const copy = join(directory, 'copy-by-protocol.mjs')
  copyFileSync(standIn, copy)
  const program = join(directory, 'pg_basebackup')
  const { version = '' } = (await findPostgres(major)) ?? {}
  writeFileSync(program, `#!/bin/sh\nexec ${process.execPath} ${copy} ${version} ${dataDirectory} "$@"\n`)
  for (const path of [copy, program]) chmodSync(path, 0o755)
  return directory
}

describe.each([15, 16, 17, 18] as const)('what PostgreSQL %i sends as a backup', (major) => {
  const tablespace = createOwnDirectory({ prefix: 'pgherd-tablespace-' }, owner)
  let postgres: PostgresServer
  beforeAll(async () => {
    postgres = await startPostgres({ major })
    await postgres.query(`create tablespace far location '${tablespace.path}'`)
    await postgres.query('create table distant tablespace far as select 1 as one')
  })
  afterAll(async () => {
    await postgres[Symbol.asyncDispose]()
    tablespace[Symbol.dispose]()
  })

  async function backedUp() {
    const directory = ownDirectory('basebackup')
    const compression = { type: 'none', level: null } as const
    const engine = basebackupOf(postgres, directory, {
      binDirectory: await programsFor(postgres),
      compression,
    })
    await engine.prepare(run)
    const { label } = await engine.backup('full', run)
    const drills = drillBed(engine, postgres)
    onTestFinished(() => drills[Symbol.dispose]())
    return { engine, drills, place: join(directory, label) }
  }

  test.each(['latest', 'immediate'] as const)(
    'is whole, and passes a drill to %s by the programs of its version',
    async (target) => {
      const { engine, drills } = await backedUp()
      expect((await engine.verify(run)).problems).toEqual([])
      const before = readdirSync(tablespace.path, { recursive: true }).sort()
      const sql = 'select count(*) = 1 from public.distant'

      const done = await drills.run({ target, queries: [{ database: 'postgres', what: 'tablespaces', sql }] })

      expect(done, done.message).toMatchObject({ problem: null })
      expect(readdirSync(tablespace.path, { recursive: true }).sort()).toEqual(before)
      expect(drills.left()).toEqual([])
    },
  )

  test('is refused by verify and by a drill when a byte of it has changed', async () => {
    const { engine, drills, place } = await backedUp()
    flipByteOf(join(place, 'base.tar'))
    expect((await engine.verify(run)).problems[0]).toMatchObject({ problem: 'checksum' })
    expect(await failureOf(drills.run())).toMatchObject({ problem: 'checksum' })
  })
})
