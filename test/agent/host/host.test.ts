import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createHost } from '../../../agent/host/host.ts'
import type { HostMeasurement } from '../../../agent/host/host.ts'
import { systemClock } from '../../../common/clock.ts'

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

/** A machine made of files. */
async function measure(without: readonly string[] = []): Promise<HostMeasurement> {
  const root = mkdtempSync(join(tmpdir(), 'pgherd-host-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  for (const [name, text] of Object.entries(files)) {
    if (without.includes(name)) continue
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
  const space = { bsize: 1, blocks: 1, bfree: 1, bavail: 1, files: 1, ffree: 1 }
  return createHost({ clock: systemClock, root, statfs: () => Promise.resolve(space) })(1000)
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

test('a kernel without pressure information is no failure', async () => {
  const measured = await measure(['proc/pressure/cpu'])
  expect(measured.failures).toEqual(new Map())
  expect(names(measured).filter((name) => name.includes('pressure'))).toEqual([])
})

test('a collector that fails costs only itself and is reported', async () => {
  const root = mkdtempSync(join(tmpdir(), 'pgherd-host-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  // A directory where a file should be cannot be read.
  mkdirSync(join(root, 'proc/meminfo'), { recursive: true })
  writeFileSync(join(root, 'proc/loadavg'), files['proc/loadavg'])
  const measured = await createHost({ clock: systemClock, root })(1000)
  expect([...measured.failures.keys()]).toEqual(['meminfo'])
  expect(names(measured)).toContain('node_load1')
  const success = measured.tables.find(({ metrics }) => metrics.includes('node_scrape_collector_success'))
  const outcome = Object.fromEntries(success!.rows.map(({ labels, values }) => [labels[0]!, values[1]]))
  expect(outcome).toMatchObject({ meminfo: 0, loadavg: 1 })
})
