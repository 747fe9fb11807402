import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { timeFirstSample } from './first-sample.ts'
import { createOwnRoot, filesOf } from './own-root.ts'
import { startDebianHost } from './under-systemd.ts'

const exec = promisify(execFile)
const directory = mkdtempSync(join(tmpdir(), 'pgherd-packages-'))
const root = join(directory, 'root')
const releases = ['0.0.1', '0.0.2'].map((version) => ({ version, folder: join(directory, version) }))

const debsOf = (release: number) => filesOf(releases[release]!.folder, '*.deb')
let debootstrapSeconds = 0

beforeAll(async () => {
  const begin = performance.now()
  // Beside each other: one waits for the mirror, the other for the processor.
  const system = exec('debootstrap', [
    '--variant=minbase',
    '--include=systemd,procps',
    'bookworm',
    root,
  ]).then(() => {
    debootstrapSeconds = (performance.now() - begin) / 1000
  })
  for (const { version, folder } of releases) {
    mkdirSync(folder)
    const args = ['--version', version, '--output', folder, '--level', '1']
    await exec(process.execPath, ['setup/packages/main.ts', ...args])
  }
  await system
}, 600_000)

afterAll(() => rmSync(directory, { recursive: true, force: true }))

test('each package is under 60 MB and lintian finds no error in it', async () => {
  const files = debsOf(0)
  expect(files).toHaveLength(2)
  for (const file of files) {
    const megabytes = statSync(file).size / 1e6
    console.log(`${basename(file)}: ${megabytes.toFixed(1)} MB, packed for speed`)
    expect(megabytes).toBeLessThan(60)
    const { stdout } = await exec('lintian', ['--allow-root', '--fail-on', 'error', file])
    expect(stdout.split('\n').filter((line) => line.startsWith('E:'))).toEqual([])
  }
})

const linesOf = (text: string): readonly string[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.trimEnd())
const kept = '# of agent;# of collector;agent;collector;'

test('both are installed, upgraded, removed and purged in an empty Debian, without residue', async () => {
  const [first, second] = releases.map(({ folder }) => folder)
  const script = join(import.meta.dirname, 'life-cycle.sh')
  const { stdout } = await exec('unshare', ['--mount', 'sh', script, root, first!, second!])
  rmSync(join(root, 'packages'), { recursive: true })
  expect(linesOf(stdout)).toEqual([
    'installed 0.0.1 0.0.1 0.0.1',
    'users pgherd-agent pgherd-collector',
    'state pgherd-agent:750 pgherd-collector:750',
    `upgraded 0.0.2 ${kept}`,
    `removed  ${kept}`,
    'residue',
  ])
})

test('archives are installed, upgraded, installed again, removed and purged without dpkg, without residue', async () => {
  const archives = releases.flatMap(({ folder }) => filesOf(folder, '*.tar.gz'))
  expect(archives).toHaveLength(4)
  using own = createOwnRoot(root, archives)
  cpSync(join(import.meta.dirname, 'archive-life-cycle.sh'), own.path('/packages/archive-life-cycle.sh'))
  const userOf = (name: string) => `pgherd-${name}:/var/lib/pgherd/${name}:/usr/sbin/nologin`
  const stateOf = (name: string) => `pgherd-${name}:pgherd-${name}:750`
  expect(linesOf(await own.run('sh', '/packages/archive-life-cycle.sh'))).toEqual([
    'installed 0.0.1 0.0.1 0.0.1',
    'hints installed installed',
    `users ${userOf('agent')} ${userOf('collector')}`,
    `state ${stateOf('agent')} ${stateOf('collector')}`,
    `upgraded 0.0.2 0.0.2 ${kept}`,
    'stale',
    'installed again 0.0.2',
    `without the agent collector 0.0.2 ${kept}`,
    `removed  ${kept}`,
    'purged the agent /etc/pgherd: collector.yaml  /var/lib/pgherd: collector',
    'residue',
  ])
})

test('an empty Debian has its first sample, by what the packages have installed alone', async () => {
  const { sample, seconds, steps, traces } = await timeFirstSample(root, debsOf(1))
  for (const [step, took] of steps) console.log(`${step}: ${took.toFixed(1)} s`)
  console.log(`from an empty root to the first sample: ${seconds.toFixed(1)} s`)
  console.log(`with debootstrap: ${(seconds + debootstrapSeconds).toFixed(1)} s`)
  expect(sample).toMatch(/^pg_up +pg-main +pg-main-1 .* 1$/m)
  expect(traces).toBeGreaterThan(0)
  expect(seconds).toBeLessThan(60)
})

test('where systemd runs, what is configured is enabled and started, restarted by an upgrade, and stopped before it goes', async () => {
  await using host = await startDebianHost()
  const [agentDeb = ''] = debsOf(0)
  await host.install([agentDeb])
  expect(await host.units()).toEqual(['agent loaded disabled inactive', 'collector not-found inactive'])
  await host.dpkg('--purge', 'pgherd-agent')
  const gone = ['agent not-found inactive', 'collector not-found inactive']
  expect(await host.units()).toEqual(gone)

  host.configure()
  await host.install(debsOf(0))
  const running = ['agent loaded enabled active', 'collector loaded enabled active']
  expect(await host.units()).toEqual(running)
  const before = await host.mainPid('agent')

  await host.systemctl('stop', 'pgherd-collector.service')
  await host.install(debsOf(1))
  expect(await host.units()).toEqual(['agent loaded enabled active', 'collector loaded enabled inactive'])
  expect(await host.mainPid('agent')).not.toBe(before)

  await host.systemctl('start', 'pgherd-collector.service')
  await host.dpkg('--remove', 'pgherd-agent', 'pgherd-collector')
  expect(await host.units()).toEqual(gone)
  // 1 is for nothing found: no process of ours.
  expect(await host.say('pgrep', '--full', '/usr/lib/pgherd')).toBe('1')
  await host.install(debsOf(1))
  expect(await host.units()).toEqual(running)

  await host.dpkg('--purge', 'pgherd-agent', 'pgherd-collector')
  expect(await host.units()).toEqual(gone)
  expect(
    await host.say(
      ...['find', '/etc', '/usr', '/var/lib', '/run', '-not', '-path', '/run/systemd/units/*'],
      ...['-iname', '*pgherd*', '-not', '-iname', 'pgherd-systemd-*'],
    ),
  ).toBe('0')
})
