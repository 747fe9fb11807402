import { expect, test } from 'vitest'
import { diskOf } from '../../../../../agent/tuning/observe/host/data-disk.ts'
import { createHostLook } from '../../../../../agent/tuning/observe/host/host-view.ts'
import { createKernelFiles } from '../../../../../common/kernel/kernel-files.ts'
import type { KernelFiles } from '../../../../../common/kernel/kernel-files.ts'

const disk = { device: '8:1', source: '/dev/sda1' }

/** A kernel that says this. */
function kernelOf(texts: Record<string, string>): KernelFiles {
  return {
    ...createKernelFiles('/nowhere', () => 0),
    readIfThere: (path) => texts[path],
  }
}

test('the first look tells what is known at once, the second what happened since', () => {
  const texts: Record<string, string> = {
    'proc/stat': 'cpu  100 0 100 700 100 0 0 0 50 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n',
    'proc/meminfo': 'MemTotal:        1000 kB\nMemFree:  10 kB\nMemAvailable:     250 kB\n',
    'proc/vmstat': 'nr_free_pages 1\npswpin 42\npswpout 43\n',
    'proc/loadavg': '3.50 1.00 1.00 1/100 4\n',
    'proc/pressure/memory':
      'some avg10=1.00 avg60=2.50 avg300=0.00 total=1\nfull avg10=0.00 avg60=9.00 avg300=0.00 total=0\n',
    'proc/diskstats':
      '   8       0 sda 9 9 9 9 9 9 9 9 9 9 9\n   8       1 sda1 100 0 800 500 10 0 80 40 0 300 540\n',
  }
  const time = { nowMs: 0 }
  const look = createHostLook(kernelOf(texts), () => time.nowMs)
  const first = look(disk)
  expect(first.counters).toEqual(new Map([['host.swapped_in_pages', 42]]))
  expect(first.gauges.get('host.memory_available_share')).toBe(0.25)
  expect(first.gauges.get('host.memory_pressure')).toBe(2.5)
  expect(first.gauges.get('host.load_per_processor')).toBeGreaterThan(0)
  expect(first.gauges.has('host.io_pressure')).toBe(false)
  expect(first.gauges.has('host.cpu_busy')).toBe(false)
  expect(first.gauges.has('host.disk_busy')).toBe(false)

  time.nowMs = 1_000
  texts['proc/stat'] = 'cpu  120 0 110 750 110 5 5 0 60 0\n'
  texts['proc/diskstats'] = '   8       1 sda1 150 0 800 600 10 0 80 40 0 800 2540\n'
  const { gauges } = look(disk)
  // 40 of 100 ticks, without those that were idle or waited for a disk.
  expect(gauges.get('host.cpu_busy')).toBeCloseTo(0.4)
  expect(gauges.get('host.disk_busy')).toBe(0.5)
  expect(gauges.get('host.disk_queue')).toBe(2)
  expect(gauges.get('host.disk_read_ms')).toBe(2)
  expect(gauges.has('host.disk_write_ms')).toBe(false)
})

test('a disk whose counters began anew says nothing of that time', () => {
  const texts: Record<string, string> = { 'proc/diskstats': '8 1 sda1 100 0 800 500 10 0 80 40 0 300 540\n' }
  const look = createHostLook(kernelOf(texts), () => 1)
  look(disk)
  texts['proc/diskstats'] = '8 1 sda1 1 0 8 5 1 0 8 4 0 3 5\n'
  expect([...look(disk).gauges.keys()]).toEqual([])
})

test('a kernel that says nothing is no zero', () => {
  const look = createHostLook(kernelOf({}), () => 1)
  look(disk)
  expect(look(disk)).toEqual({ counters: new Map(), gauges: new Map() })
})

test('a file system with a number of its own is found by the name of its device', () => {
  const own = { device: '0:33', source: '/dev/sda1' }
  const texts: Record<string, string> = { 'proc/diskstats': '8 1 sda1 1 0 8 5 1 0 8 4 0 3 5\n' }
  const time = { nowMs: 0 }
  const look = createHostLook(kernelOf(texts), () => time.nowMs)
  look(own)
  time.nowMs = 10
  texts['proc/diskstats'] = '8 1 sda1 1 0 8 5 1 0 8 4 0 8 5\n'
  expect(look(own).gauges.get('host.disk_busy')).toBe(0.5)
})

test('the disk of a directory is that of the file system it is on', async () => {
  const mounts = ['22 1 8:2 / / rw - ext4 /dev/sda2 rw', '23 22 8:17 / /srv/data rw - xfs /dev/sdb1 rw'].join(
    '\n',
  )
  const files = kernelOf({ 'proc/self/mountinfo': mounts })
  expect(await diskOf(files, '/srv/data/17/main')).toEqual({ device: '8:17', source: '/dev/sdb1' })
  expect(await diskOf(files, '/srv/database')).toEqual({ device: '8:2', source: '/dev/sda2' })
})
