import { describe, expect, test } from 'vitest'
import { createFilesystemReader } from '../../../agent/host/filesystem.ts'
import type { Space } from '../../../agent/host/filesystem.ts'
import { parseMounts } from '../../../agent/host/mounts.ts'
import type { Mount } from '../../../agent/host/mounts.ts'
import type { SampleTable } from '../../../common/series/sample-table.ts'
import { createManualClock, settled } from '../../manual-clock.ts'

describe('the mounts that hold data', () => {
  test('leave pseudo file systems out and decode their paths', () => {
    expect(
      parseMounts(`proc /proc proc rw 0 0
sysfs /sys sysfs rw 0 0
tmpfs /dev/shm tmpfs rw 0 0
/dev/sda1 / ext4 rw,relatime 0 0
tmpfs /run tmpfs rw 0 0
/dev/sdb1 /data\\040one xfs ro,noatime 0 0
cgroup2 /sys/fs/cgroup cgroup2 rw 0 0
overlay /var/lib/docker/overlay2/x/merged overlay rw 0 0
backup:/vol /backup nfs4 rw 0 0
`),
    ).toEqual([
      { device: '/dev/sda1', mountpoint: '/', type: 'ext4', readOnly: false, remote: false },
      { device: 'tmpfs', mountpoint: '/run', type: 'tmpfs', readOnly: false, remote: false },
      { device: '/dev/sdb1', mountpoint: '/data one', type: 'xfs', readOnly: true, remote: false },
      { device: 'backup:/vol', mountpoint: '/backup', type: 'nfs4', readOnly: false, remote: true },
    ])
  })

  test('end their names at blanks only, whatever else is blank to Unicode or to C', () => {
    const text = '/dev/sda1 /a\u00a0b ext4 rw 0 0\n/dev/sdb1 /a\vb\f\r xfs ro 0 0\n'
    expect(parseMounts(text)).toEqual([
      { device: '/dev/sda1', mountpoint: '/a\u00a0b', type: 'ext4', readOnly: false, remote: false },
      { device: '/dev/sdb1', mountpoint: '/a\vb\f\r', type: 'xfs', readOnly: true, remote: false },
    ])
  })

  test('of two on one point the last is the visible one', () => {
    const text = '/dev/sda1 /data ext4 rw 0 0\n/dev/sdb1 /data xfs rw 0 0\n'
    expect(parseMounts(text).map(({ device }) => device)).toEqual(['/dev/sdb1'])
  })

  test('in a container the root overlay is the disk', () => {
    const text = 'overlay / overlay rw 0 0\noverlay /elsewhere overlay rw 0 0\n'
    expect(parseMounts(text).map(({ mountpoint }) => mountpoint)).toEqual(['/'])
  })
})

describe('file systems', () => {
  const space: Space = { bsize: 4096, blocks: 100, bfree: 50, bavail: 40, files: 1000, ffree: 900 }
  const mount = (mountpoint: string, type = 'ext4'): Mount => ({
    device: `dev${mountpoint}`,
    mountpoint,
    type,
    readOnly: false,
    remote: type === 'nfs4',
  })
  const hung = new Promise<Space>(() => undefined)
  /** Points and whether they gave an error. */
  const errors = (tables: readonly SampleTable[]): Readonly<Record<string, number | undefined>> =>
    Object.fromEntries(tables[0]!.rows.map(({ labels, values }) => [labels[2]!, values[1]]))

  test('are measured in bytes and files', async () => {
    const read = createFilesystemReader({ clock: createManualClock(), statfs: () => Promise.resolve(space) })
    expect(await read([{ ...mount('/'), readOnly: true }], 1000)).toEqual([
      {
        metrics: [
          'node_filesystem_readonly',
          'node_filesystem_device_error',
          'node_filesystem_size_bytes',
          'node_filesystem_free_bytes',
          'node_filesystem_avail_bytes',
          'node_filesystem_files',
          'node_filesystem_files_free',
        ],
        labelNames: ['device', 'fstype', 'mountpoint'],
        rows: [{ labels: ['dev/', 'ext4', '/'], values: [1, 0, 409_600, 204_800, 163_840, 1000, 900] }],
      },
    ])
  })

  test('one that fails says so and has no sizes', async () => {
    const read = createFilesystemReader({
      clock: createManualClock(),
      statfs: () => Promise.reject(new Error('ESTALE')),
    })
    const tables = await read([mount('/gone')], 1000)
    expect(tables[0]?.rows).toEqual([{ labels: ['dev/gone', 'ext4', '/gone'], values: [0, 1] }])
  })

  test('one that hangs costs its own series, is left alone until it answers, and is then measured again', async () => {
    const clock = createManualClock()
    const answer = Promise.withResolvers<Space>()
    const asked: string[] = []
    const read = createFilesystemReader({
      clock,
      statfs: (point) => {
        asked.push(point)
        return point === '/nfs' ? answer.promise : Promise.resolve(space)
      },
    })
    const mounts = [mount('/nfs', 'nfs4'), mount('/'), mount('/data')]

    const first = read(mounts, 1000)
    await clock.advance(1000)
    expect(errors(await first)).toEqual({ '/': 0, '/data': 0, '/nfs': 1 })

    expect(errors(await read(mounts, 1000))).toEqual({ '/': 0, '/data': 0, '/nfs': 1 })
    expect(asked.filter((point) => point === '/nfs')).toHaveLength(1)

    answer.resolve(space)
    await settled()
    expect(errors(await read(mounts, 1000))).toEqual({ '/': 0, '/data': 0, '/nfs': 0 })
  })

  test('many that hang never take the last thread', async () => {
    const clock = createManualClock()
    const asked: string[] = []
    const read = createFilesystemReader({
      clock,
      statfs: (point) => {
        asked.push(point)
        return hung
      },
    })
    const mounts = [1, 2, 3, 4].flatMap((i) => [mount(`/nfs${i}`, 'nfs4'), mount(`/disk${i}`)])
    const measured = read(mounts, 1000)
    await clock.advance(10_000)
    expect(Object.values(errors(await measured))).toEqual(Array(8).fill(1))
    expect(asked).toHaveLength(3)
  })

  test('remote ones that hang leave room for a local one', async () => {
    const clock = createManualClock()
    const read = createFilesystemReader({
      clock,
      statfs: (point) => (point.startsWith('/nfs') ? hung : Promise.resolve(space)),
    })
    const mounts = [mount('/nfs1', 'nfs4'), mount('/nfs2', 'nfs4'), mount('/nfs3', 'nfs4'), mount('/')]
    const first = read(mounts, 1000)
    await clock.advance(10_000)
    await first
    expect(errors(await read(mounts, 1000))).toEqual({ '/': 0, '/nfs1': 1, '/nfs2': 1, '/nfs3': 1 })
  })
})
