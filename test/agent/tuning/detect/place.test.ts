import { describe, expect, test } from 'vitest'
import type { Tree } from '../../host/tree.ts'
import { placeOn } from './made-host.ts'

const data = '/var/lib/postgresql/17/main'
const inTree: Tree = { 'var/lib/postgresql/17/main/PG_VERSION': '17\n' }
const root = '20 1 8:2 / / rw - ext4 /dev/sda2 rw\n'
const volume = `${root}30 20 253:1 / /var/lib/postgresql rw,noatime - xfs /dev/mapper/vg-data rw\n`

/** A whole disk of the machine, and its number. */
function disk(path: string, device: string, files: Tree = {}): Tree {
  return {
    [`sys/devices/${path}/size`]: '1000\n',
    [`sys/dev/block/${device}`]: `-> ../../devices/${path}`,
    [`sys/class/block/${path.split('/').at(-1)}`]: `-> ../../devices/${path}`,
    ...Object.fromEntries(Object.entries(files).map(([name, text]) => [`sys/devices/${path}/${name}`, text])),
  }
}

const nvme = disk('pci/nvme/nvme0n1', '259:0', {
  'device/model': 'SAMSUNG MZQL23T8HCLS-00A07\n',
  'queue/rotational': '0\n',
  'queue/scheduler': '[none] mq-deadline\n',
  'queue/read_ahead_kb': '128\n',
})
const rotating = disk('ata1/host0/sda', '8:0', {
  'device/vendor': 'ATA\n',
  'device/model': 'ST4000NM\n',
  'queue/rotational': '1\n',
})

describe('a file system', () => {
  test('is the innermost mount of the directory, with its size and what is free', async () => {
    const place = await placeOn({ ...inTree, ...nvme }, volume, data)
    expect(place.mount).toMatchObject({ mountpoint: '/var/lib/postgresql', type: 'xfs' })
    expect(place.sizeBytes).toBeGreaterThan(place.freeBytes!)
    expect(place.path).toBe(data)
  })

  test('of two on the same point is the one that covers the other', async () => {
    const mounts = `${volume}31 30 8:9 / /var/lib/postgresql rw - ext4 /dev/sdb1 rw\n`
    expect((await placeOn(inTree, mounts, data)).mount.type).toBe('ext4')
  })

  test('is found by whole names, and by those with blanks in them', async () => {
    const mounts = `${root}30 20 8:17 / /var/lib/post rw - xfs /dev/sdb1 rw\n31 20 8:33 / /my\\040data rw - xfs /dev/sdc1 rw\n`
    expect((await placeOn(inTree, mounts, data)).mount.mountpoint).toBe('/')
    expect((await placeOn(inTree, mounts, '/my data/main')).mount.mountpoint).toBe('/my data')
  })

  test.each([
    ['absolute', '-> /wal/17'],
    ['relative', '-> ../../../../../wal/17'],
  ])('of pg_wal is that where its link leads to, %s', async (_, link) => {
    const tree = { ...inTree, 'var/lib/postgresql/17/main/pg_wal': link, 'wal/17/0001': '' }
    const mounts = `${volume}32 20 8:49 / /wal rw - ext4 /dev/sdd1 rw\n`
    const place = await placeOn(tree, mounts, `${data}/pg_wal`)
    expect(place).toMatchObject({ path: '/wal/17', isSeen: true, mount: { mountpoint: '/wal' } })
  })

  test('that cannot be looked into is taken as it stands, and said to be so', async () => {
    expect(await placeOn(inTree, volume, `${data}/pg_wal`)).toMatchObject({
      isSeen: false,
      path: `${data}/pg_wal`,
    })
  })
})

describe('the disks below it', () => {
  test('are those of a logical volume on a partition', async () => {
    const tree = {
      ...inTree,
      ...nvme,
      'sys/devices/pci/nvme/nvme0n1/nvme0n1p3/partition': '3\n',
      'sys/devices/virtual/block/dm-1/dm/name': 'vg-data\n',
      'sys/devices/virtual/block/dm-1/slaves/nvme0n1p3': '-> ../../../../pci/nvme/nvme0n1/nvme0n1p3',
      'sys/dev/block/253:1': '-> ../../devices/virtual/block/dm-1',
    }
    const place = await placeOn(tree, volume, data)
    expect(place.layers).toEqual(['dm-1 (vg-data)', 'nvme0n1p3'])
    expect(place.disks).toEqual([
      expect.objectContaining({
        name: 'nvme0n1',
        model: 'SAMSUNG MZQL23T8HCLS-00A07',
        scheduler: 'none',
        readAheadBytes: 128 * 1024,
      }),
    ])
    expect(place.diskClass).toBe('nvme')
  })

  test('of an array are all of its members, and of different kinds it is of none', async () => {
    const tree = {
      ...inTree,
      ...rotating,
      ...disk('ata2/host1/sdb', '8:16', { 'queue/rotational': '1\n' }),
      'sys/devices/virtual/block/md0/md/level': 'raid1\n',
      'sys/devices/virtual/block/md0/slaves/sda': '-> ../../../../ata1/host0/sda',
      'sys/devices/virtual/block/md0/slaves/sdb': '-> ../../../../ata2/host1/sdb',
      'sys/dev/block/253:1': '-> ../../devices/virtual/block/md0',
    }
    const same = await placeOn(tree, volume, data)
    expect(same.layers).toEqual(['md0 (raid1)'])
    expect(same.disks.map(({ name }) => name)).toEqual(['sda', 'sdb'])
    expect(same.diskClass).toBe('hdd')
    const mixed = await placeOn(
      { ...tree, 'sys/devices/ata2/host1/sdb/queue/rotational': '0\n' },
      volume,
      data,
    )
    expect(mixed).toMatchObject({ diskClass: 'unknown', why: 'its disks are of different kinds' })
  })

  test('of btrfs are found by the name of its device, since it has a number of its own', async () => {
    const mounts = `${root}30 20 0:42 /@data /var/lib/postgresql rw - btrfs /dev/nvme0n1 rw,subvolid=256\n`
    expect(await placeOn({ ...inTree, ...nvme }, mounts, data)).toMatchObject({ diskClass: 'nvme' })
  })

  test('of a volume that is named by the device mapper are found too', async () => {
    const tree = {
      ...inTree,
      ...nvme,
      ...disk('virtual/block/dm-3', '253:3', { 'dm/name': 'pool-data\n' }),
      'sys/devices/virtual/block/dm-3/slaves/nvme0n1': '-> ../../../../pci/nvme/nvme0n1',
    }
    const mounts = `${root}30 20 0:42 / /var/lib/postgresql rw - btrfs /dev/mapper/pool-data rw\n`
    expect(await placeOn(tree, mounts, data)).toMatchObject({
      layers: ['dm-3 (pool-data)'],
      diskClass: 'nvme',
    })
  })

  test('of a file that is mounted are those of the file', async () => {
    const tree = {
      ...inTree,
      ...nvme,
      ...disk('virtual/block/loop0', '7:0', { 'loop/backing_file': '/images/data.img\n' }),
    }
    const mounts = `20 1 259:0 / / rw - ext4 /dev/nvme0n1 rw\n30 20 7:0 / /var/lib/postgresql rw - ext4 /dev/loop0 rw\n`
    expect(await placeOn(tree, mounts, data)).toMatchObject({ layers: ['loop0 (a file)'], diskClass: 'nvme' })
  })

  test('of the layer of a container are those that the layer is written to', async () => {
    const overlay =
      '40 30 0:77 / / rw - overlay overlay rw,lowerdir=/var/lib/docker/a:/var/lib/docker/b,upperdir=/var/lib/docker/up/diff\n'
    const seen = `${overlay}50 40 259:0 / /var/lib/docker rw - ext4 /dev/nvme0n1 rw\n`
    expect(await placeOn({ ...inTree, ...nvme }, seen, data)).toMatchObject({
      layers: ['overlay of /var/lib/docker'],
      diskClass: 'nvme',
    })
    // From inside the container nobody sees them.
    expect(await placeOn({ ...inTree, ...nvme }, overlay, data)).toMatchObject({
      diskClass: 'unknown',
      disks: [],
    })
  })

  test.each([
    ['zfs', 'tank/pg', 'ZFS does not show which disks its pool has'],
    ['nfs4', 'filer:/pg', "nfs4 is another machine's"],
    ['tmpfs', 'tmpfs', 'tmpfs lies in memory'],
  ])('of %s cannot be known', async (type, source, why) => {
    const mounts = `${root}30 20 0:50 / /var/lib/postgresql rw - ${type} ${source} rw\n`
    expect(await placeOn(inTree, mounts, data)).toMatchObject({ diskClass: 'unknown', disks: [], why })
  })
})

describe('a disk', () => {
  const on = async (tree: Tree, isVirtual = false) =>
    placeOn({ ...inTree, ...tree }, '20 1 8:0 / / rw - ext4 /dev/x rw\n', data, isVirtual)

  test.each<[string, Tree, boolean, string]>([
    [
      'local NVMe',
      disk('pci/nvme0n1', '8:0', { 'device/model': 'KIOXIA KCD6\n', 'device/transport': 'pcie\n' }),
      false,
      'nvme',
    ],
    [
      'NVMe over TCP',
      disk('pci/nvme1n1', '8:0', { 'device/model': 'Linux\n', 'device/transport': 'tcp\n' }),
      false,
      'san',
    ],
    [
      'an EBS volume',
      disk('pci/nvme1n1', '8:0', { 'device/model': 'Amazon Elastic Block Store\n' }),
      true,
      'san',
    ],
    [
      'the NVMe of an EC2 instance',
      disk('pci/nvme2n1', '8:0', { 'device/model': 'Amazon EC2 NVMe Instance Storage\n' }),
      true,
      'nvme',
    ],
    [
      'a persistent disk of Google',
      disk('pci/nvme0n1', '8:0', { 'device/model': 'nvme_card-pd\n' }),
      true,
      'san',
    ],
    ['a local SSD of Google', disk('pci/nvme0n1', '8:0', { 'device/model': 'nvme_card0\n' }), true, 'nvme'],
    [
      'a disk of Azure',
      disk('vmbus/host0/sdc', '8:0', { 'device/vendor': 'Msft\n', 'device/model': 'Virtual Disk\n' }),
      true,
      'san',
    ],
    [
      'a LUN of iSCSI',
      disk('platform/host3/session1/target3/sdb', '8:0', {
        'device/model': 'DISK\n',
        'queue/rotational': '0\n',
      }),
      false,
      'san',
    ],
    [
      'a LUN of Fibre Channel',
      disk('pci/host4/rport-4:0-1/target4/sdb', '8:0', { 'queue/rotational': '0\n' }),
      false,
      'san',
    ],
    ['a disk of Ceph', disk('rbd/rbd0', '8:0', { 'queue/rotational': '0\n' }), false, 'san'],
    ['a rotating disk', rotating, false, 'hdd'],
    ['a SATA SSD', disk('ata1/host0/sda', '8:0', { 'queue/rotational': '0\n' }), false, 'ssd'],
    [
      'virtio that says that it rotates',
      disk('pci/virtio1/vda', '8:0', { 'queue/rotational': '1\n' }),
      true,
      'unknown',
    ],
    [
      'the emulated disk of QEMU',
      disk('ata1/host0/sda', '8:0', { 'device/model': 'QEMU HARDDISK\n', 'queue/rotational': '1\n' }),
      false,
      'unknown',
    ],
    [
      'any disk of SCSI in a virtual machine',
      disk('pci/host0/sda', '8:0', { 'device/model': 'PVSCSI\n', 'queue/rotational': '1\n' }),
      true,
      'unknown',
    ],
  ])('is known or not: %s', async (_, tree, isVirtual, diskClass) => {
    expect((await on(tree, isVirtual)).diskClass).toBe(diskClass)
  })

  test('that is virtual says why it is not believed', async () => {
    const { why } = await on(disk('pci/virtio1/vda', '8:0', { 'queue/rotational': '1\n' }), true)
    expect(why).toBe('a virtual disk says that it rotates, whatever it is')
  })
})
