import type { Board } from '../../kit/board.ts'
import { devices, machineClusters, machines } from '../../kit/variables.ts'
import { disks, filesystems } from './disk.ts'

export const disk: Board = {
  name: 'disk',
  title: 'Disk',
  description: 'Disks and filesystems: how busy, how slow, how full, and when they are full.',
  variables: [machineClusters, machines, devices],
  rows: [disks, filesystems],
  related: ['node', 'wal', 'instance'],
  events: true,
}
