import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { detectServer } from '../../../../agent/tuning/detect/detect-server.ts'
import type { DetectOptions } from '../../../../agent/tuning/detect/detect-server.ts'
import type { Detected } from '../../../../agent/tuning/detect/detected.ts'
import { recommend } from '../../../../agent/tuning/recommend/recommend.ts'
import { systemClock } from '../../../../common/clock.ts'
import { detection as detectionSchema } from '../../../../common/tuning/detection.ts'
import { mountLoopDisk } from '../../../../testbed/loop-disk.ts'
import { findPostgres, postgresMajors, startPostgres } from '../../../../testbed/postgres.ts'
import type { PostgresMajor, PostgresServer } from '../../../../testbed/postgres.ts'
import { findProgram } from '../../../../testbed/find-program.ts'
import { startChild } from '../../../../testbed/process.ts'
import { childrenOf } from '../../../../testbed/process-table.ts'
import { unprivilegedOwner } from '../../../../testbed/unprivileged.ts'
import { waitFor } from '../../../../testbed/wait.ts'
import { openForTest } from '../../actions/action-context.ts'
import { plant } from '../../host/tree.ts'

async function detected(url: string, options: Partial<DetectOptions> = {}): Promise<Detected> {
  const session = await openForTest(url)()
  return detectServer(session, { clock: systemClock, signal: new AbortController().signal, ...options })
}

/** What a person reads of it, by section and name. */
function told({ detection }: Detected): ReadonlyMap<string, string> {
  return new Map(
    detection.sections.flatMap(({ title, facts }) =>
      facts.map(({ name, value }) => [`${title}: ${name}`, value] as const),
    ),
  )
}

const known = await Promise.all(
  postgresMajors.map(async (major) => ({ major, isInstalled: (await findPostgres(major)) !== undefined })),
)

describe.each(known)('PostgreSQL $major', ({ major, isInstalled }) => {
  test.skipIf(!isInstalled)('is known with its settings, its data and its host', async () => {
    await using server = await startPostgres({ major, settings: { work_mem: '7MB' } })
    const found = await detected(server.url())
    expect(found.server).toMatchObject({
      major,
      isRunning: true,
      peakConnections: null,
      activeSessions: null,
    })
    expect(found.server.settings.get('work_mem')).toMatchObject({ value: '7168', unit: 'kB', isSet: true })
    expect(found.server.settings.get('random_page_cost')).toMatchObject({ value: '4', isSet: false })
    expect(found.server.settings.get('huge_pages')).toMatchObject({
      enumValues: ['off', 'on', 'try'],
      context: 'postmaster',
    })
    expect(found.server.databaseBytes).toBeGreaterThan(5e6)
    expect(found.server.availableExtensions.has('pg_stat_statements')).toBe(true)
    expect(found.machine?.memoryBytes).toBeLessThanOrEqual(totalmem())
    expect(found.machine?.processors).toBeLessThanOrEqual(availableParallelism())
    expect(found.machine?.dataDiskBytes).toBeGreaterThan(1e9)
    expect(found.owner).toMatchObject({ mayApply: true })
    expect(found.whyNoMachine).toBeNull()
    expect(told(found).get('Machine: postmaster')).toBe(`process ${server.pid}`)
    expect(told(found).get('Server: version')).toContain(`PostgreSQL ${major}.`)
    expect(() => detectionSchema.parse(found.detection)).not.toThrow()
  })
})

describe('a server', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres({ major: 17 })
    await server.query('create role looker login in role pg_monitor')
    await server.query('create role nobody_special login')
    await server.query("alter role looker set work_mem = '99MB'")
  })
  afterAll(() => server[Symbol.asyncDispose]())

  test("has its own settings, and not those of the agent's role", async () => {
    const found = await detected(server.url('postgres', 'looker'))
    expect(found.server.settings.get('work_mem')).toMatchObject({ value: '4096', isSet: false })
  })

  test('has what its files say where the session has something else for itself', async () => {
    await server.query("alter system set idle_in_transaction_session_timeout = '7min'")
    await server.query('alter system set jit = on')
    await server.query('select pg_reload_conf()')
    await waitFor('the server to have read them', async () => {
      const [row] = await server.query('show idle_in_transaction_session_timeout')
      return row?.['idle_in_transaction_session_timeout'] === '7min'
    })
    const found = await detected(server.url())
    expect(found.server.settings.get('idle_in_transaction_session_timeout')).toMatchObject({
      value: '420000',
      isSet: true,
    })
    expect(found.server.settings.get('jit')).toMatchObject({ value: 'on', isSet: false })
  })

  test('is not asked for what this role may not read, which would be a line in its log', async () => {
    await detected(server.url('postgres', 'nobody_special'))
    expect(readFileSync(server.logFile, 'utf8')).not.toContain('permission denied')
  })

  test('is found by a role that may not know where its data lies, which is then not known', async () => {
    const found = await detected(server.url('postgres', 'nobody_special'))
    expect(told(found).get('Machine: postmaster')).toBe(`process ${server.pid}`)
    expect(found.machine).toMatchObject({ dataDiskBytes: null, fileSystem: null })
    expect(found.detection.notes).toContainEqual(expect.stringContaining('where its data lies is not known'))
  })

  test('that is given what the baseline takes already is not told to set it', async () => {
    const found = await detected(server.url('postgres', 'looker'))
    const { proposals, unchanged } = recommend({
      machine: found.machine!,
      profile: 'mixed',
      server: found.server,
      connections: null,
    })
    expect(proposals.map(({ parameter }) => parameter)).not.toContain('wal_buffers')
    expect(unchanged.map(({ parameter }) => parameter)).toContain('wal_buffers')
  })

  test('of another host has no machine, and says what would help', async () => {
    const found = await detected(server.url('postgres', 'looker'), {
      root: plant({ 'proc/stat': 'btime 1\n' }),
    })
    expect(found.machine).toBeNull()
    expect(found.whyNoMachine).toBe(
      "nothing is known of the server's machine, because no process of this host is the server's, which answers from 127.0.0.1: say what it has (--memory and --cpu, and --disk where you know it)",
    )
    expect(found.host).toMatchObject({ memoryTotalBytes: null, isContainer: false, disks: [] })
    expect(found.detection.notes).toContain(found.whyNoMachine)
    expect(found.server.major).toBe(17)
  })

  test('of another host has the machine that somebody says', async () => {
    const said = { memoryBytes: 8e9, processors: 4, diskClass: 'san' } as const
    const found = await detected(server.url('postgres', 'looker'), { root: plant({}), said })
    expect(found.machine).toMatchObject({
      memoryBytes: 8e9,
      processors: 4,
      diskClass: 'san',
      dataDiskBytes: null,
    })
    expect(found.whyNoMachine).toBeNull()
    expect(told(found).get('Storage: disk class')).toBe('behind a network: said so')
    const half = await detected(server.url('postgres', 'looker'), {
      root: plant({}),
      said: { ...said, processors: null },
    })
    expect(half.machine).toBeNull()
  })
})

test('a server that a service keeps is not to be changed by this agent', async () => {
  await using server = await startPostgres({ major: 18 })
  await server.query('create role rdsadmin')
  const { owner, detection } = await detected(server.url())
  expect(owner).toMatchObject({ kind: 'rds', mayApply: false })
  expect(detection.notes[0]).toBe(
    'Amazon RDS keeps the settings: settings are changed in its DB parameter group',
  )
})

const mayMount = process.getuid?.() === 0 && existsSync('/dev/loop-control')

test.skipIf(!mayMount)(
  'a data directory on a disk of its own is followed through its loop device',
  async () => {
    await using disk = await mountLoopDisk(400 * 1024 ** 2, unprivilegedOwner())
    await using server = await startPostgres({ major: 16, directory: `${disk.path}/home` })
    const found = await detected(server.url())
    expect(found.machine).toMatchObject({ fileSystem: 'ext4', walDiskBytes: null })
    expect(found.machine?.dataDiskBytes).toBeLessThan(420 * 1024 ** 2)
    expect(told(found).get('Storage: data directory')).toMatch(/^ext4 of .*, on loop\d+ \(a file\)/)
  },
)

const mayUnshare =
  process.getuid?.() === 0 && ['unshare', 'setpriv'].every((name) => findProgram(name) !== undefined)

test.skipIf(!mayUnshare)(
  'a server with process ids of its own, as in a container, is found by them',
  async () => {
    await using server = await startPostgres({ major: 17 })
    await server.stop()
    const binaries = (await findPostgres(17))!
    const { uid, gid } = unprivilegedOwner()!
    await using inside = await startChild({
      name: 'a server in a namespace',
      command: 'unshare',
      args: [
        ...['--pid', '--fork', '--kill-child', '--mount-proc'],
        ...['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'],
        ...[binaries.postgres, '-D', server.dataDirectory],
      ],
      logFile: server.logFile,
    })
    await inside.waitFor('it accepts connections', () =>
      server.query('select 1').then(
        () => true,
        () => false,
      ),
    )
    const [pid] = childrenOf(inside.pid)
    await using ended = new AsyncDisposableStack()
    ended.defer(async () => {
      process.kill(pid!, 'SIGINT')
      await inside.exited
    })
    const found = await detected(server.url())
    expect(told(found).get('Machine: postmaster')).toBe(`process ${pid}`)
    expect(found.host.isContainer).toBe(true)
    expect(found.owner).toMatchObject({ kind: 'docker', signs: [`its process ${pid} calls itself 1`] })
    expect(found.machine?.dataDiskBytes).toBeGreaterThan(1e9)
  },
)

/** Version 1 or 2, whichever this machine lets us make one in; undefined for neither. */
function makeCgroup(
  name: string,
): { readonly directories: readonly string[]; readonly version: 1 | 2 } | undefined {
  const root = '/sys/fs/cgroup'
  if (process.getuid?.() !== 0) return undefined
  const isUnified = existsSync(`${root}/cgroup.controllers`)
  const directories = isUnified
    ? [`${root}/${name}`]
    : ['memory', 'cpu', 'cpuset'].map((controller) => `${root}/${controller}/${name}`)
  const made: string[] = []
  try {
    for (const directory of directories) {
      mkdirSync(directory)
      made.push(directory)
    }
    // Of version 2 the controllers have to be given to it from above.
    if (isUnified && !existsSync(`${directories[0]}/memory.max`)) throw new Error('no controllers')
    return { directories, version: isUnified ? 2 : 1 }
  } catch {
    for (const directory of made) rmdirSync(directory)
    return undefined
  }
}

const major: PostgresMajor = 18

test('a server in a cgroup has the memory and the processors of that, also while the agent is outside of it', async ({
  skip,
}) => {
  const group = makeCgroup(`pgherd-detect-${process.pid}`)
  if (group === undefined) skip('this machine lets nobody make a cgroup')
  onTestFinished(() => {
    for (const directory of group!.directories) if (existsSync(directory)) rmdirSync(directory)
  })
  await using server = await startPostgres({ major })
  const [at, cpu = at, cpuset = at] = group!.directories as readonly [string, string?, string?]
  const pids = [server.pid, ...childrenOf(server.pid)]
  if (group!.version === 1) {
    writeFileSync(`${at}/memory.limit_in_bytes`, String(3 * 1024 ** 3))
    writeFileSync(`${cpu}/cpu.cfs_period_us`, '100000')
    writeFileSync(`${cpu}/cpu.cfs_quota_us`, '150000')
    writeFileSync(`${cpuset}/cpuset.cpus`, '0')
    writeFileSync(`${cpuset}/cpuset.mems`, '0')
  } else {
    writeFileSync(`${at}/memory.max`, String(3 * 1024 ** 3))
    writeFileSync(`${at}/cpu.max`, '150000 100000')
  }
  for (const directory of group!.directories)
    for (const pid of pids) writeFileSync(`${directory}/cgroup.procs`, String(pid))
  const found = await detected(server.url())
  expect(found.machine).toMatchObject({ memoryBytes: 3 * 1024 ** 3, processors: 1 })
  expect(told(found).get('Memory: for the server')).toBe('3GB')
  expect(found.detection.notes).toContainEqual(expect.stringContaining('its cgroup leaves it 3GB'))
})
