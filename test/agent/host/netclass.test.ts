import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createKernelFiles } from '../../../common/kernel/kernel-files.ts'
import { createNetclassReader, readLinks } from '../../../agent/host/netclass.ts'
import type { Link } from '../../../agent/host/netclass.ts'
import { createSlowFiles } from '../../../agent/host/slow-files.ts'
import { samples } from './samples.ts'
import { directory, plant } from './tree.ts'
import type { Tree } from './tree.ts'

const device = (name: string): Tree =>
  directory(`sys/class/net/${name}`, {
    operstate: 'up\n',
    carrier_changes: '1\n',
    mtu: '1500\n',
    speed: '1000\n',
    duplex: 'full\n',
    carrier: '1\n',
    address: '02:00:00:00:00:01\n',
  })

function createReader(root: string, links: ReadonlyMap<string, Link> = new Map()) {
  let nowMs = 0
  const changed: string[] = []
  const files = createKernelFiles(root, () => nowMs)
  onTestFinished(() => files[Symbol.dispose]())
  const read = createNetclassReader({
    files,
    nowMs: () => nowMs,
    links: () => links,
    onChange: (name) => changed.push(name),
  })
  return {
    read: () => samples(read()),
    changed,
    files,
    pass: (ms: number) => {
      nowMs += ms
    },
  }
}

test('a change of state is seen at once and lets everything of that device be read again', () => {
  const root = plant({ ...device('eth0'), ...device('eth1') })
  const { read, changed } = createReader(root)
  expect(read()).toMatchObject({ 'node_network_up{eth0}': 1, 'node_network_mtu_bytes{eth0}': 1500 })
  changed.length = 0

  writeFileSync(join(root, 'sys/class/net/eth0/mtu'), '9000\n')
  expect(read()).toMatchObject({ 'node_network_mtu_bytes{eth0}': 1500 })
  expect(changed).toEqual([])

  writeFileSync(join(root, 'sys/class/net/eth0/operstate'), 'down\n')
  expect(read()).toMatchObject({ 'node_network_up{eth0}': 0, 'node_network_mtu_bytes{eth0}': 9000 })
  expect(changed).toEqual(['eth0'])
})

test('what seldom changes is read again after five minutes', () => {
  const root = plant(device('eth0'))
  const { read, pass } = createReader(root)
  read()
  writeFileSync(join(root, 'sys/class/net/eth0/mtu'), '9000\n')
  pass(299_000)
  expect(read()).toMatchObject({ 'node_network_mtu_bytes{eth0}': 1500 })
  pass(1_000)
  expect(read()).toMatchObject({ 'node_network_mtu_bytes{eth0}': 9000 })
})

test('a device that is gone ends, a new one is there at once', () => {
  const root = plant({ ...device('eth0'), ...device('veth1') })
  const { read } = createReader(root)
  read()
  rmSync(join(root, 'sys/class/net/veth1'), { recursive: true })
  expect(Object.keys(read()).filter((series) => series.includes('veth1'))).toEqual([])
})

test('speed, duplex and carrier come from a reading aside; -1 is unknown', async () => {
  const root = plant({ ...device('eth0'), ...device('eth1'), 'sys/class/net/bonding_masters': '\n' })
  writeFileSync(join(root, 'sys/class/net/eth1/speed'), '-1\n')
  const { files } = createReader(root)
  const links = await readLinks(files, createSlowFiles(root))
  expect(links.get('eth0')).toEqual({ carrier: 1, speedBytes: 125_000_000, duplex: 'full' })
  expect(links.get('eth1')?.speedBytes).toBeUndefined()
  expect(createReader(root, links).read()).toMatchObject({
    'node_network_speed_bytes{eth0}': 125_000_000,
    'node_network_info{02:00:00:00:00:01,,eth0,full,,up}': 1,
  })
})

test('of very many devices all are read once a minute', () => {
  const names = Array.from({ length: 40 }, (_, i) => `veth${i}`)
  const root = plant(Object.fromEntries(names.flatMap((name) => Object.entries(device(name)))))
  const { read, pass } = createReader(root)
  read()
  writeFileSync(join(root, 'sys/class/net/veth7/operstate'), 'down\n')
  expect(read()).toMatchObject({ 'node_network_up{veth7}': 1 })
  pass(60_000)
  expect(read()).toMatchObject({ 'node_network_up{veth7}': 0 })
})
