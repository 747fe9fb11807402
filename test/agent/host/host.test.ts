import { readdirSync, readlinkSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createHost } from '../../../agent/host/host.ts'
import type { HostMeasurement } from '../../../agent/host/host.ts'
import { systemClock } from '../../../common/clock.ts'
import { createManualClock } from '../../manual-clock.ts'
import { samples } from './samples.ts'
import { plant } from './tree.ts'

const files = {
  'proc/stat': 'cpu0 100 0 0 0 0 0 0 0 0 0\nbtime 1700000000\n',
  'proc/meminfo': 'MemTotal: 1024 kB\n',
  'proc/vmstat': 'pgpgin 1\n',
  'proc/loadavg': '0.5 0.4 0.3 1/2 3\n',
  'proc/sys/fs/file-nr': '10\t0\t20\n',
  'proc/diskstats': '8 0 sda 1 1 1 1 1 1 1 1 1 1 1\n',
  'proc/net/dev': 'a\nb\neth0: 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1\n',
  'proc/self/mounts': '/dev/sda / ext4 rw 0 0\n',
  'proc/pressure/cpu': 'some avg10=0 avg60=0 avg300=0 total=1000000\n',
  'proc/sys/kernel/ostype': 'Linux\n',
  'proc/sys/kernel/osrelease': '6.12.0\n',
  'proc/sys/kernel/version': '#1 SMP\n',
  'proc/sys/kernel/hostname': 'db1\n',
  'proc/sys/kernel/domainname': '(none)\n',
}

const space = { bsize: 1, blocks: 1, bfree: 1, bavail: 1, files: 1, ffree: 1 }

/** A machine made of files. */
async function measure(without: readonly string[] = []): Promise<HostMeasurement> {
  const root = plant(Object.fromEntries(Object.entries(files).filter(([name]) => !without.includes(name))))
  using host = createHost({ clock: systemClock, root, statfs: () => Promise.resolve(space) })
  return await host(1000)
}

const names = ({ tables }: HostMeasurement): readonly string[] =>
  tables.flatMap(({ metrics, rows }) => (rows.length === 0 ? [] : metrics))

test('a host is measured by all collectors', async () => {
  const measured = await measure()
  expect(measured.failures).toEqual(new Map())
  expect(names(measured)).toEqual(
    expect.arrayContaining([
      'node_cpu_seconds_total',
      'node_boot_time_seconds',
      'node_memory_MemTotal_bytes',
      'node_load1',
      'node_filefd_allocated',
      'node_disk_io_now',
      'node_network_receive_bytes_total',
      'node_pressure_cpu_waiting_seconds_total',
      'node_uname_info',
      'node_time_seconds',
      'node_filesystem_size_bytes',
      'node_scrape_collector_success',
    ]),
  )
  const uname = measured.tables.find(({ metrics }) => metrics[0] === 'node_uname_info')
  expect(
    Object.fromEntries(uname!.labelNames.map((name, i) => [name, uname!.rows[0]!.labels[i]])),
  ).toMatchObject({
    sysname: 'Linux',
    release: '6.12.0',
    version: '#1 SMP',
    nodename: 'db1',
    domainname: '(none)',
  })
})

test('labels are the same objects from scrape to scrape', async () => {
  using host = createHost({ clock: systemClock })
  const labelsOf = async (): Promise<ReadonlyMap<string, readonly string[]>> => {
    const { tables } = await host(5000)
    return new Map(
      tables.flatMap(({ metrics, rows }) =>
        rows.map(({ labels }) => [[metrics[0], ...labels].join('\0'), labels] as const),
      ),
    )
  }
  await labelsOf()
  const before = await labelsOf()
  const after = await labelsOf()
  const changed = [...after].filter(([key, labels]) => before.has(key) && before.get(key) !== labels)
  expect(changed.map(([key]) => key)).toEqual([])
  expect(after.size).toBeGreaterThan(30)
})

test('figures that are read seldom tell their age', async () => {
  const clock = createManualClock(1_700_000_000_000)
  const root = plant({ ...files, 'etc/os-release': 'ID=debian\nVERSION_ID="12"\n' })
  using host = createHost({ clock, root, statfs: () => Promise.resolve(space) })
  const age = async (): Promise<number | undefined> =>
    samples((await host(5000)).tables)['pgherd_host_collector_age_seconds{os}']
  expect(await age()).toBe(0)
  await clock.advance(30_000)
  expect(await age()).toBe(30)
})

test('disposing closes every file', async () => {
  const root = plant(files)
  // Of this test's own files: what else the process has open comes and goes.
  const open = (): number =>
    readdirSync('/proc/self/fd').filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).startsWith(root)
      } catch {
        return false
      }
    }).length
  {
    using host = createHost({ clock: systemClock, root, statfs: () => Promise.resolve(space) })
    await host(5000)
    expect(open()).toBeGreaterThan(5)
  }
  expect(open()).toBe(0)
})

test('a kernel without pressure information is no failure', async () => {
  const measured = await measure(['proc/pressure/cpu'])
  expect(measured.failures).toEqual(new Map())
  expect(names(measured).filter((name) => name.includes('pressure'))).toEqual([])
})

test('a collector that fails costs only itself and is reported', async () => {
  // A directory where a file should be cannot be read.
  const root = plant({ 'proc/meminfo/file': '', 'proc/loadavg': files['proc/loadavg'] })
  using host = createHost({ clock: systemClock, root })
  const measured = await host(1000)
  expect([...measured.failures.keys()]).toEqual(['meminfo'])
  expect(names(measured)).toContain('node_load1')
  const success = measured.tables.find(({ metrics }) => metrics.includes('node_scrape_collector_success'))
  const outcome = Object.fromEntries(success!.rows.map(({ labels, values }) => [labels[0]!, values[1]]))
  expect(outcome).toMatchObject({ meminfo: 0, loadavg: 1 })
})

test('a mount that hangs is waited for two seconds, however much time there is', async () => {
  const clock = createManualClock()
  using host = createHost({ clock, root: plant(files), statfs: () => new Promise(() => undefined) })
  let measured: HostMeasurement | undefined
  void host(60_000).then((found) => (measured = found))
  for (let advanced = 0; measured === undefined && advanced < 60_000; advanced += 500)
    await clock.advance(500)
  expect(clock.monotonic()).toBeLessThanOrEqual(4000)
  expect(samples(measured?.tables ?? [])['node_filesystem_device_error{/dev/sda,ext4,/}']).toBe(1)
})
