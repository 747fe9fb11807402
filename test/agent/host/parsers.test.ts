import { describe, expect, test } from 'vitest'
import { createStatParser } from '../../../agent/host/cpu.ts'
import { createDiskstatsParser } from '../../../agent/host/disk.ts'
import { parseLoad, parsePressure } from '../../../agent/host/load.ts'
import { parseFileDescriptors, parseMeminfo, parseVmstat } from '../../../agent/host/memory.ts'
import { createNetworkParser } from '../../../agent/host/network.ts'
import { samples } from './samples.ts'

describe('/proc/stat', () => {
  const text = `cpu  300 10 40 5000 60 1 2 3 7 8
cpu0 100 5 20 2500 30 1 1 2 3 4
cpu12 200 5 20 2500 30 0 1 1 4 4
intr 12345 7 0 9
ctxt 67890
btime 1700000000
processes 4321
procs_running 3
procs_blocked 1
softirq 99 1 2
`
  test('gives seconds by CPU and mode, and the counters of the machine', () => {
    expect(samples(createStatParser()(text))).toMatchObject({
      'node_cpu_seconds_total{0,user}': 1,
      'node_cpu_seconds_total{0,nice}': 0.05,
      'node_cpu_seconds_total{0,system}': 0.2,
      'node_cpu_seconds_total{0,idle}': 25,
      'node_cpu_seconds_total{0,iowait}': 0.3,
      'node_cpu_seconds_total{0,irq}': 0.01,
      'node_cpu_seconds_total{0,softirq}': 0.01,
      'node_cpu_seconds_total{0,steal}': 0.02,
      'node_cpu_seconds_total{12,user}': 2,
      'node_cpu_guest_seconds_total{0,user}': 0.03,
      'node_cpu_guest_seconds_total{0,nice}': 0.04,
      node_intr_total: 12345,
      node_context_switches_total: 67890,
      node_boot_time_seconds: 1_700_000_000,
      node_forks_total: 4321,
      node_procs_running: 3,
      node_procs_blocked: 1,
    })
    // The sum over all CPUs is nobody's CPU.
    expect(Object.keys(samples(createStatParser()(text))).filter((name) => name.includes('{,'))).toEqual([])
  })

  test('labels are the same objects at the next reading, and those of a CPU that is gone are forgotten', () => {
    const parse = createStatParser()
    const labelsOf = (text: string): readonly (readonly string[])[] =>
      parse(text)[0]!.rows.map(({ labels }) => labels)
    const [first] = labelsOf('cpu0 1 1 1 1 1 1 1 1 0 0\n')
    expect(labelsOf('cpu0 2 1 1 1 1 1 1 1 0 0\n')[0]).toBe(first)
    labelsOf('cpu1 2 1 1 1 1 1 1 1 0 0\n')
    expect(labelsOf('cpu0 2 1 1 1 1 1 1 1 0 0\n')[0]).not.toBe(first)
  })

  test('an idle counter that steps back a little stays, one that starts anew is taken', () => {
    const parse = createStatParser()
    const idle = (ticks: number): number | undefined =>
      samples(parse(`cpu0 1 1 1 ${ticks} 1 1 1 1 0 0\n`))['node_cpu_seconds_total{0,idle}']
    expect(idle(2500)).toBe(25)
    expect(idle(2480)).toBe(25)
    expect(idle(2510)).toBe(25.1)
    expect(idle(100)).toBe(1)
  })
})

test('/proc/meminfo gives bytes, and counts where the kernel gives no unit', () => {
  expect(
    samples(
      parseMeminfo(`MemTotal:       16384 kB
MemAvailable:    8192 kB
Active(anon):     100 kB
HugePages_Total:       5
Hugepagesize:       2048 kB
`),
    ),
  ).toEqual({
    node_memory_MemTotal_bytes: 16_777_216,
    node_memory_MemAvailable_bytes: 8_388_608,
    node_memory_Active_anon_bytes: 102_400,
    node_memory_HugePages_Total: 5,
    node_memory_Hugepagesize_bytes: 2_097_152,
  })
})

test('/proc/vmstat gives paging, swapping, faults, kills and NUMA allocations only', () => {
  expect(
    samples(
      parseVmstat(
        'nr_free_pages 1\npgpgin 2\npswpout 3\npgmajfault 4\noom_kill 5\npgsteal_direct 6\nnuma_hit 7\nnuma_pte_updates 8\n',
      ),
    ),
  ).toEqual({
    node_vmstat_numa_hit: 7,
    node_vmstat_pgpgin: 2,
    node_vmstat_pswpout: 3,
    node_vmstat_pgmajfault: 4,
    node_vmstat_oom_kill: 5,
  })
})

test('/proc/loadavg and file-nr', () => {
  expect(samples(parseLoad('0.50 1.25 2.00 1/234 5678\n'))).toEqual({
    node_load1: 0.5,
    node_load5: 1.25,
    node_load15: 2,
  })
  expect(samples(parseFileDescriptors('1024\t0\t9223372\n'))).toEqual({
    node_filefd_allocated: 1024,
    node_filefd_maximum: 9_223_372,
  })
})

describe('/proc/pressure', () => {
  const text = `some avg10=1.00 avg60=0.50 avg300=0.10 total=2500000
full avg10=0.00 avg60=0.00 avg300=0.00 total=1000000
`
  test('gives seconds of waiting and of standstill', () => {
    expect(samples(parsePressure('io', text))).toEqual({
      node_pressure_io_waiting_seconds_total: 2.5,
      node_pressure_io_stalled_seconds_total: 1,
    })
  })

  test('the CPU as a whole is never at a standstill', () => {
    expect(samples(parsePressure('cpu', text))).toEqual({ node_pressure_cpu_waiting_seconds_total: 2.5 })
  })
})

describe('/proc/diskstats', () => {
  const current = '8 0 sda 10 1 200 3000 20 2 400 5000 6 7000 8000 30 3 600 9000 40 10000'

  test('gives bytes and seconds by device', () => {
    expect(samples(createDiskstatsParser()(`   ${current}\n`))).toEqual({
      'node_disk_reads_completed_total{sda}': 10,
      'node_disk_reads_merged_total{sda}': 1,
      'node_disk_read_bytes_total{sda}': 102_400,
      'node_disk_read_time_seconds_total{sda}': 3,
      'node_disk_writes_completed_total{sda}': 20,
      'node_disk_writes_merged_total{sda}': 2,
      'node_disk_written_bytes_total{sda}': 204_800,
      'node_disk_write_time_seconds_total{sda}': 5,
      'node_disk_io_now{sda}': 6,
      'node_disk_io_time_seconds_total{sda}': 7,
      'node_disk_io_time_weighted_seconds_total{sda}': 8,
      'node_disk_discards_completed_total{sda}': 30,
      'node_disk_discards_merged_total{sda}': 3,
      'node_disk_discarded_sectors_total{sda}': 600,
      'node_disk_discard_time_seconds_total{sda}': 9,
      'node_disk_flush_requests_total{sda}': 40,
      'node_disk_flush_requests_time_seconds_total{sda}': 10,
    })
  })

  test('of an old kernel has no discards and flushes, rather than zeros', () => {
    const names = Object.keys(
      samples(createDiskstatsParser()('8 0 sda 10 1 200 3000 20 2 400 5000 6 7000 8000\n')),
    )
    expect(names).toHaveLength(11)
    expect(names.filter((name) => /discard|flush/.test(name))).toEqual([])
  })

  test.each(['sda1', 'vdb2', 'xvda1', 'nvme0n1p1', 'loop3', 'ram0', 'zram0'])('leaves out %s', (device) => {
    expect(samples(createDiskstatsParser()(`8 1 ${device} 1 1 1 1 1 1 1 1 1 1 1\n`))).toEqual({})
  })

  test.each(['nvme0n1', 'dm-0', 'md127', 'vda'])('keeps %s', (device) => {
    expect(
      samples(createDiskstatsParser()(`8 1 ${device} 1 1 1 1 1 1 1 1 1 1 1\n`))[
        `node_disk_io_now{${device}}`
      ],
    ).toBe(1)
  })
})

test('/proc/net/dev gives counters by device, also where a number touches the colon', () => {
  const found = samples(
    createNetworkParser()(`Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 100 2 0 0 0 0 0 0 100 2 0 0 0 0 0 0
  eth0:1234567890 20 1 2 3 4 5 6 987654321 30 7 8 9 10 11 12
`),
  )
  expect(found).toMatchObject({
    'node_network_receive_bytes_total{lo}': 100,
    'node_network_receive_bytes_total{eth0}': 1_234_567_890,
    'node_network_receive_multicast_total{eth0}': 6,
    'node_network_transmit_bytes_total{eth0}': 987_654_321,
    'node_network_transmit_colls_total{eth0}': 10,
    'node_network_transmit_compressed_total{eth0}': 12,
  })
  expect(Object.keys(found)).toHaveLength(32)
})
