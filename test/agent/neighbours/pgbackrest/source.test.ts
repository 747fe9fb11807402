import { chmodSync, copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Neighbour } from '../../../../agent/neighbours/neighbour.ts'
import { createPgbackrestSource } from '../../../../agent/neighbours/pgbackrest/source.ts'
import type { PgbackrestOptions } from '../../../../agent/neighbours/pgbackrest/source.ts'
import { systemClock } from '../../../../common/clock.ts'
import { silentLog } from '../../../../common/log.ts'
import { findProgram } from '../../../../testbed/find-program.ts'
import { createOwnDirectory } from '../../../../testbed/own-directory.ts'
import { isAlive } from '../../../../testbed/process-table.ts'
import { runCommand } from '../../../../testbed/run-command.ts'
import { waitFor } from '../../../../testbed/wait.ts'
import { sampleMap } from '../exposition/samples-of.ts'
import { createHeardLog, roundAt } from '../probing.ts'

/**
 * Scripts in the place of pgBackRest, for what the real one does only when a disk or a network hangs, and for the
 * answers of versions that are not installed. source.pg.test.ts has the real one.
 */
function script(body: string): { readonly command: readonly string[]; readonly directory: string } {
  const directory = createOwnDirectory({ prefix: 'pgherd-pgbackrest-' })
  onTestFinished(() => directory[Symbol.dispose]())
  const file = join(directory.path, 'pgbackrest')
  writeFileSync(file, `#!/bin/sh\ncd ${directory.path}\necho run >> runs\n${body}\n`)
  chmodSync(file, 0o755)
  return { command: [file], directory: directory.path }
}

const measureThrice = fileURLToPath(new URL('measure-thrice.ts', import.meta.url))

function answering(answer: unknown): readonly string[] {
  return script(`cat << 'EOF'\n${typeof answer === 'string' ? answer : JSON.stringify(answer)}\nEOF`).command
}

function source(options: Partial<PgbackrestOptions>): Neighbour {
  const created = createPgbackrestSource({
    labelsFor: (job, port) => ({ job, instance: `10.0.0.1:${port}` }),
    clock: systemClock,
    log: silentLog,
    ...options,
  })
  onTestFinished(() => created[Symbol.asyncDispose]())
  return created
}

const oldStanza = {
  archive: [{ database: { id: 1 }, id: '12-1', max: '000000010000000000000009', min: null }],
  backup: [
    {
      archive: { start: '000000010000000000000002', stop: '000000010000000000000002' },
      backrest: { format: 5, version: '2.26' },
      database: { id: 1 },
      info: { delta: 300, repository: { delta: 30, size: 30 }, size: 300 },
      label: '20200601-000000F',
      prior: null,
      reference: null,
      timestamp: { start: 1590969600, stop: 1590969660 },
      type: 'full',
    },
  ],
  cipher: 'none',
  db: [{ id: 1, 'system-id': 6832600284566420000, version: '12' }],
  name: 'old',
  status: { code: 0, message: 'ok' },
}

test('it has the job and the port of pgbackrest_exporter', () => {
  expect(source({}).labels).toEqual({ job: 'pgsql', instance: '10.0.0.1:9854' })
})

test('an answer of version 2.26 gives what it has', async () => {
  const { up, tables } = await source({ command: answering([oldStanza]) }).measure(roundAt(1590969760_000))
  expect(up).toBe(true)
  const samples = sampleMap(tables)
  const labels =
    '{backup_name="20200601-000000F",backup_type="full",block_incr="n",database_id="1",repo_key="0",stanza="old"}'
  expect(samples.get(`pgbackrest_backup_repo_size_bytes${labels}`)).toBe(30)
  expect(samples.has(`pgbackrest_backup_error_status${labels}`)).toBe(false)
  expect(
    samples.get('pgbackrest_wal_archive_status{database_id="1",pg_version="12",repo_key="0",stanza="old"}'),
  ).toBe(0)
  expect(samples.get('pgbackrest_stanza_lock_status{stanza="old"}')).toBe(0)
  expect(
    samples.get(
      'pgbackrest_backup_since_last_completion_seconds{backup_type="full",block_incr="n",stanza="old"}',
    ),
  ).toBe(100)
})

test('an answer of version 2.56 gives block sizes, locks and progress, and unknown keys are ignored', async () => {
  const [backup] = oldStanza.backup
  const stanza = {
    ...oldStanza,
    backup: [
      {
        ...backup,
        annotation: { a: 'b' },
        database: { id: 1, 'repo-key': 2 },
        error: true,
        info: { ...backup!.info, repository: { delta: 30, 'delta-map': 3, 'size-map': 4 } },
        lsn: { start: '0/2000028', stop: '0/2000100' },
        novelty: { deep: [1] },
      },
    ],
    repo: [{ cipher: 'aes-256-cbc', key: 2, status: { code: 0, message: 'ok' } }],
    status: {
      code: 0,
      lock: {
        backup: { held: true, size: 1000, 'size-cplt': 250 },
        restore: { held: true, size: 500, 'size-cplt': 50 },
      },
      message: 'ok',
    },
  }
  const { tables } = await source({ command: answering([stanza]) }).measure(roundAt(0))
  const samples = sampleMap(tables)
  const labels =
    '{backup_name="20200601-000000F",backup_type="full",block_incr="y",database_id="1",repo_key="2",stanza="old"}'
  expect(samples.get(`pgbackrest_backup_repo_size_map_bytes${labels}`)).toBe(4)
  expect(samples.get(`pgbackrest_backup_repo_delta_map_bytes${labels}`)).toBe(3)
  expect(samples.has(`pgbackrest_backup_repo_size_bytes${labels}`)).toBe(false)
  expect(samples.get(`pgbackrest_backup_error_status${labels}`)).toBe(1)
  for (const [metric, value] of [
    ['lock_status', 1],
    ['backup_lock_status', 1],
    ['backup_compete_bytes', 250],
    ['backup_complete_bytes', 250],
    ['backup_total_bytes', 1000],
    ['restore_lock_status', 1],
    ['restore_complete_bytes', 50],
    ['restore_total_bytes', 500],
  ] as const) {
    expect(samples.get(`pgbackrest_stanza_${metric}{stanza="old"}`), metric).toBe(value)
  }
  expect(samples.get('pgbackrest_repo_status{cipher="aes-256-cbc",repo_key="2",stanza="old"}')).toBe(0)
})

test('no stanza at all is a fine answer', async () => {
  const { up, tables } = await source({ command: answering([]) }).measure(roundAt(0))
  expect([up, [...sampleMap(tables).keys()]]).toEqual([
    true,
    ['pgbackrest_exporter_status{stanza="all-stanzas"}', 'pgherd_endpoint_age_seconds'],
  ])
})

describe('what cannot be had means down, and the log says why', () => {
  const failure = async (options: Partial<PgbackrestOptions>): Promise<string> => {
    const log = createHeardLog()
    const { up, tables } = await source({ log, ...options }).measure(roundAt(0))
    expect(up).toBe(false)
    expect(sampleMap(tables).get('pgbackrest_exporter_status{stanza="all-stanzas"}')).toBe(0)
    expect(log.heard).toHaveLength(1)
    return log.heard[0]!.replace('warn neighbours: the backups cannot be measured: ', '')
  }

  test('not installed', async () => {
    expect(await failure({ command: ['/usr/bin/no-pgbackrest'] })).toBe(
      '/usr/bin/no-pgbackrest is not installed',
    )
  })

  test('not allowed', async () => {
    expect(await failure({ command: ['/etc/passwd'] })).toBe('/etc/passwd cannot be started: EACCES')
  })

  test('a status other than 0, with the first line of its reason', async () => {
    const { command } = script('echo "ERROR: [031]: invalid option" >&2; echo more >&2; exit 31')
    expect(await failure({ command })).toMatch(
      /pgbackrest ended with status 31: ERROR: \[031\]: invalid option$/,
    )
  })

  test('but not with a password or a key', async () => {
    for (const [said, told] of [
      [
        `ERROR: [032]: 'hunter2' is not valid for 'repo1-cipher-pass' option`,
        `'***' is not valid for 'repo1-cipher-pass' option`,
      ],
      [
        'P00 PGPASSWORD=hunter2 --repo1-s3-key-secret=hunter2 host=a',
        'PGPASSWORD=*** --repo1-s3-key-secret=*** host=a',
      ],
      [`authorization: Bearer hunter2`, 'authorization: ***'],
      [`repo1-s3-token: "hunter2 hunter2"`, 'repo1-s3-token: ***'],
      ['cannot reach https://me:hunter2@s3.example/bucket', 'cannot reach https://***@s3.example/bucket'],
    ] as const) {
      const { command } = script(`cat >&2 << 'EOF'\n${said}\nEOF\nexit 1`)
      const heard = await failure({ command })
      expect(heard).toContain(told)
      expect(heard).not.toContain('hunter2')
    }
  })

  test('ended by a signal', async () => {
    expect(await failure({ command: script('kill -TERM $$').command })).toMatch(/was ended by SIGTERM$/)
  })

  test('no JSON', async () => {
    expect(await failure({ command: answering('ok') })).toBe('what pgbackrest answered is no JSON')
  })

  test('JSON of another shape', async () => {
    expect(await failure({ command: answering([{ name: 'a' }]) })).toMatch(/does not fit at 0\.status: /)
    expect(await failure({ command: answering({}) })).toMatch(/does not fit at : /)
  })

  test('output without end', async () => {
    const command = script('while :; do echo 0123456789; done').command
    expect(await failure({ command, maxBytes: 10_000 })).toMatch(
      /gives more than 10000 bytes and was killed$/,
    )
  })
})

test('of very many backups the newest have series of their own, and the log says so', async () => {
  const [first] = oldStanza.backup
  const backup = Array.from({ length: 1500 }, (_, i) => ({
    ...first!,
    label: `b${i}`,
    type: i === 0 ? 'full' : 'incr',
    timestamp: { start: i, stop: i - (i % 2) },
  }))
  const file = join(script('').directory, 'info.json')
  writeFileSync(file, JSON.stringify([{ ...oldStanza, backup }]))
  const log = createHeardLog()
  const { tables } = await source({ command: ['sh', '-c', `cat ${file}`, 'sh'], log }).measure(roundAt(0))
  const series = [...sampleMap(tables).keys()].filter((key) => key.startsWith('pgbackrest_backup_info{'))
  expect(series).toHaveLength(1000)
  expect(series.some((key) => key.includes('backup_name="b1499"'))).toBe(true)
  expect(series.some((key) => key.includes('backup_name="b499"'))).toBe(false)
  // The only full backup is not among them, but is the last one.
  expect(
    sampleMap(tables).has(
      'pgbackrest_backup_last_size_bytes{backup_type="full",block_incr="n",stanza="old"}',
    ),
  ).toBe(true)
  expect(log.heard).toEqual([
    'warn neighbours: pgbackrest has very many backups: only the newest 1000 of them are measured one by one',
  ])
})

test('the command runs no more often than told, in between its result is repeated with its age', async () => {
  const { command, directory } = script(`echo '${JSON.stringify([oldStanza])}'`)
  const pgbackrest = source({ command })
  const seen: unknown[] = []
  for (const atMs of [0, 10_000, 110_000, 120_000, 130_000]) {
    const samples = sampleMap((await pgbackrest.measure(roundAt(atMs))).tables)
    const since = samples.get(
      'pgbackrest_backup_since_last_completion_seconds{backup_type="incr",block_incr="n",stanza="old"}',
    )
    seen.push([samples.get('pgherd_endpoint_age_seconds'), since! + 1590969660])
  }
  expect(seen).toEqual([
    [0, 0],
    [10, 10],
    [110, 110],
    [0, 120],
    [10, 130],
  ])
  expect(readFileSync(join(directory, 'runs'), 'utf8')).toBe('run\nrun\n')
})

describe('a command that hangs', () => {
  /** Answers once; then it hangs together with a child, and notes the child. */
  const hanging = (): ReturnType<typeof script> =>
    script(
      `if [ ! -e again ]; then touch again; echo '${JSON.stringify([oldStanza])}'; exit; fi
       trap '' TERM INT HUP; sleep 1000 & echo $! > child; wait`,
    )
  const childOf = (directory: string): Promise<number> =>
    waitFor('the child', () => {
      const file = join(directory, 'child')
      return existsSync(file) && Number(readFileSync(file, 'utf8'))
    })

  test('keeps no scrape waiting; the last result is repeated until it is killed with all it started', async () => {
    const { command, directory } = hanging()
    const log = createHeardLog()
    const pgbackrest = source({ command, log, timeoutMs: 2000, intervalMs: 10_000 })
    expect((await pgbackrest.measure(roundAt(0))).up).toBe(true)
    const { up, tables } = await pgbackrest.measure(roundAt(10_000, 200))
    expect([up, sampleMap(tables).get('pgherd_endpoint_age_seconds')]).toEqual([true, 10])
    const child = await childOf(directory)
    expect(isAlive(child)).toBe(true)
    await waitFor('it to be down', async () => !(await pgbackrest.measure(roundAt(15_000))).up)
    await waitFor('the child to be gone', () => !isAlive(child))
    expect(log.heard.join()).toMatch(/did not end within 2000 ms and was killed/)
    expect(readFileSync(join(directory, 'runs'), 'utf8')).toBe('run\nrun\n')
  })

  test.skipIf(process.getuid?.() !== 0)(
    'and cannot be killed, as under sudo, is alone: no other is started beside it',
    async () => {
      const { directory } = script('')
      chmodSync(directory, 0o777)
      // In the place of sudo: it becomes root altogether, whom its caller may not kill.
      const sudo = join(directory, 'sudo')
      copyFileSync(findProgram('setpriv')!, sudo)
      chmodSync(sudo, 0o4755)
      const file = join(directory, 'pgbackrest')
      writeFileSync(file, `#!/bin/sh\necho $$ >> ${directory}/started\nexec sleep 1000\n`)
      const { stdout, stderr } = await runCommand(findProgram('setpriv')!, [
        ...['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, measureThrice],
        ...[sudo, '--reuid=0', '--regid=0', '--clear-groups', file],
      ])
      const started = readFileSync(join(directory, 'started'), 'utf8').trim().split('\n').map(Number)
      for (const pid of started) process.kill(pid, 'SIGKILL')
      expect(started).toHaveLength(1)
      expect(stderr).toBe('')
      expect(JSON.parse(stdout)).toEqual([
        expect.stringMatching(/did not end within 300 ms and was killed$/),
        expect.stringMatching(`of the process id ${started[0]} still runs, although it was killed$`),
      ])
    },
  )

  test('is killed at the end', async () => {
    const { command, directory } = hanging()
    const log = createHeardLog()
    const pgbackrest = source({ command, log, intervalMs: 10_000 })
    await pgbackrest.measure(roundAt(0))
    await pgbackrest.measure(roundAt(10_000, 200))
    const child = await childOf(directory)
    await pgbackrest[Symbol.asyncDispose]()
    await waitFor('the child to be gone', () => !isAlive(child))
    expect(log.heard).toEqual([])
  })
})

test('stanza, configuration and program are passed on without a shell', async () => {
  const { command, directory } = script('for one in "$@"; do echo "$one" >> arguments; done; echo "[]"')
  const pgbackrest = source({
    command: [...command, 'first'],
    stanza: '$(touch hacked); `x`',
    configFile: '/a b.conf',
    configIncludePath: '/c',
  })
  expect((await pgbackrest.measure(roundAt(0))).up).toBe(true)
  expect(readFileSync(join(directory, 'arguments'), 'utf8').split('\n')).toEqual([
    'first',
    '--config=/a b.conf',
    '--config-include-path=/c',
    '--stanza=$(touch hacked); `x`',
    '--log-level-console=off',
    '--log-level-stderr=error',
    '--output=json',
    'info',
    '',
  ])
})
