import { existsSync, globSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pgbench } from '../../../testbed/backup/pgbench.ts'
import { archiveNow } from '../../../testbed/backup/wal.ts'
import { findProgram } from '../../../testbed/find-program.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { writeOwned } from '../../../testbed/postgres-settings.ts'
import { runCommand } from '../../../testbed/run-command.ts'
import { unprivilegedOwner } from '../../../testbed/unprivileged.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { allowAgents, cluster, dailyAt, startBackupHerd } from './backup-herd.ts'
import type { BackupHerd, Member } from './backup-herd.ts'

const owned = new AsyncDisposableStack()
let herd: BackupHerd
let postgres: PostgresServer
let member: Member
let expireNow: string
/** Behind the first backup and before the second, in all three ways. */
let early: { readonly time: string; readonly lsn: string }

const pgbackrest = findProgram('pgbackrest') ?? 'pgbackrest'
const policyWith = (full: number) => ({
  schedules: { full: dailyAt(new Date()) },
  compression: { type: 'lz4' },
  process_max: 1,
  repositories: [{ kind: 'local', path: herd.inside('repository'), retention: { full } }],
})
const labels = (): readonly string[] =>
  readdirSync(join(herd.inside('repository'), 'backup', cluster))
    .filter((name) => name.endsWith('F'))
    .sort()
const into = (): string => join(herd.inside('restored'), 'data')
const restore = (...target: readonly string[]) =>
  herd.agentctl('backup', 'restore', cluster, ...target, '--into', into(), '--yes')

beforeAll(async () => {
  herd = owned.use(await startBackupHerd())
  postgres = owned.use(await startPostgres({ major: 15, settings: herd.archiveSettings(1) }))
  await allowAgents(postgres)
  await pgbench(postgres, ['-i', '-q', '-s', '10'])
  // The moment between the look at what there is and the restore of it: another process has a backup deleted.
  expireNow = join(herd.inside('restored'), '..', 'expire-now')
  const script = join(herd.inside('scripts'), 'pgbackrest-after-expiry')
  writeOwned(
    script,
    `#!/bin/sh
case " $* " in *" restore "*)
  if [ -s ${expireNow} ]; then
    ${pgbackrest} --config=CONFIG --stanza=${cluster} --set="$(cat ${expireNow})" --repo=1 expire >&2 || exit 9
    : > ${expireNow}
  fi ;;
esac
exec "$@"
`.replace('CONFIG', join(herd.inside('member-1'), 'pgbackrest.conf')),
  )
  member = await herd.addMember({ seq: 1, postgres, policy: policyWith(4), wrapper: ['sh', script] })
  await herd.untilRun('there is a backup', ({ outcome }) => outcome === 'done')
  await postgres.query('create table early as select 1 as one')
  await postgres.query('select pg_sleep(2)')
  const [row] = await postgres.query<{ time: string; lsn: string }>(
    'select now()::text as time, pg_current_wal_lsn()::text as lsn',
  )
  early = row!
  await archiveNow(postgres)
  await herd.succeed('backup', 'run', cluster, '--type', 'full', '--yes')
  await herd.succeed('backup', 'run', cluster, '--type', 'full', '--yes')
}, 180_000)

afterAll(() => owned.disposeAsync(), 60_000)

async function follow(full: number): Promise<void> {
  member.writePolicy(policyWith(full))
  await member.agent.stop()
  await member.agent.start()
  await waitFor(
    'the policy is followed',
    async () => (await herd.agentctl('backup', 'policy', cluster)).stdout.includes('In the next 7 days'),
    { timeoutMs: 30_000 },
  )
}

test('expire shows which backups go, and from where on points are left, before it deletes them', async () => {
  const [first, second, third] = labels()
  await follow(1)
  const plan = await herd.agentctl('backup', 'expire', cluster, '--dry-run')
  expect(plan.stdout).toContain(`deletes ${first}, ${second} from `)
  expect(plan.stdout).toMatch(
    new RegExp(`the oldest backup that stays is ${third}: no point before \\S+Z can`),
  )
  expect(labels()).toEqual([first, second, third])
  expect(await herd.succeed('backup', 'expire', cluster, '--yes')).toContain(`Deleted ${first}, ${second}.`)
  expect(labels()).toEqual([third])
})

test('a target that lies before what is left is refused with the points that are left, and nothing is touched', async () => {
  const gone = (await herd.runs('full')).at(-1)?.label ?? ''
  for (const [target, why] of [
    [
      ['--to', early.time],
      / is before the end of the first backup, .*; points can be reached (from .* to .*|at the end of its backup .*) on timeline 1/,
    ],
    [
      ['--target', `lsn=${early.lsn}`],
      /no backup leads to position \S+ on timeline 1, and the first one begins in [0-9A-F]{24}/,
    ],
    [['--set', gone], new RegExp(`has no backup ${gone}; points can be reached (from|at) `)],
  ] as const) {
    const { status, stdout, stderr } = await restore(...target)
    expect(status).toBe(1)
    expect(`${stdout}${stderr}`).toMatch(why)
    expect(existsSync(into())).toBe(false)
  }
  expect((await herd.runs('restore')).length).toBe(0)
})

test('a backup that is deleted after it was chosen: a restore and a drill are refused, leave nothing, and the next one takes what is left', async () => {
  await follow(4)
  await herd.succeed('backup', 'run', cluster, '--type', 'full', '--yes')
  for (const ask of [
    () => restore('--set', labels().at(-1) ?? ''),
    () => herd.agentctl('backup', 'drill', cluster, '--yes'),
  ]) {
    writeOwned(expireNow, labels().at(-1) ?? '')
    const { status, stdout, stderr } = await ask()
    expect(status).toBe(1)
    expect(`${stdout}${stderr}`).toContain('it was deleted meanwhile')
    expect([readdirSync(herd.inside('restored')), readdirSync(member.drillDirectory)]).toEqual([[], []])
    await herd.succeed('backup', 'run', cluster, '--type', 'full', '--yes')
  }
  expect(await herd.succeed('backup', 'drill', cluster, '--yes')).toMatch(/restored/i)
})

test('a backup that is deleted while it is restored: the same', async () => {
  const known = labels().at(-1) ?? ''
  const before = new Set((await herd.runs('restore')).map(({ id }) => id))
  const asked = restore('--set', known)
  await waitFor('files are restored', () => globSync(join(into(), 'base', '*', '*')).length > 0, {
    timeoutMs: 30_000,
    intervalMs: 5,
  })
  const config = ['--config', member.configFile].join('=')
  const expired = await runCommand(
    pgbackrest,
    [config, `--stanza=${cluster}`, `--set=${known}`, '--repo=1', 'expire'],
    { owner: unprivilegedOwner() },
  )
  expect(expired.status, expired.stderr).toBe(0)
  const run = await herd.untilRun(
    'it has failed',
    ({ operation, outcome, id }) => operation === 'restore' && outcome === 'failed' && !before.has(id),
    90_000,
  )
  await asked
  expect(run).toMatchObject({ problem: 'target-unreachable' })
  expect(run.message).toContain('it was deleted meanwhile')
  expect(readdirSync(herd.inside('restored'))).toEqual([])
})
