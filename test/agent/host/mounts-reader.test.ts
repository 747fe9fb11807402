import { expect, test } from 'vitest'
import { createMountsReader } from '../../../agent/host/mounts.ts'
import { createKernelFiles } from '../../../common/kernel/kernel-files.ts'
import { plant } from './tree.ts'

/** What is read, as `mountpoint` or `mountpoint ro`. */
function seen(files: Readonly<Record<string, string>>): readonly string[] {
  const read = createMountsReader(createKernelFiles(plant(files), () => 0))
  return read().map(({ mountpoint, readOnly }) => (readOnly ? `${mountpoint} ro` : mountpoint))
}

test('a hardened service, which sees all of the host read-only, tells of the mounts as they are', () => {
  const host = '/dev/sda / ext4 rw 0 0\n/dev/sdb /data xfs ro 0 0\n'
  const own =
    '/dev/sda / ext4 ro 0 0\n/dev/sdb /data xfs ro 0 0\ntmpfs /run/user tmpfs ro 0 0\n/dev/sda /tmp ext4 rw 0 0\n'
  expect(seen({ 'proc/1/mounts': host, 'proc/self/mounts': own })).toEqual(['/', '/data ro'])
})

test('a container that shares the processes of its host tells of its own mounts', () => {
  expect(
    seen({
      'proc/1/mounts': '/dev/sda / ext4 rw 0 0\n/dev/sdb /data xfs rw 0 0\n',
      'proc/self/mounts': 'overlay / overlay rw 0 0\n/dev/sda /etc/hosts ext4 rw 0 0\n',
    }),
  ).toEqual(['/', '/etc/hosts'])
})

test('where process 1 cannot be seen, the own mounts count', () => {
  expect(seen({ 'proc/self/mounts': '/dev/sda / ext4 rw 0 0\n' })).toEqual(['/'])
})
