import { networkInterfaces } from 'node:os'
import { expect, test } from 'vitest'
import { createVipSource, ownAddresses, vipTable } from '../../../agent/neighbours/vip.ts'
import { createKeepalivedSource } from '../../../agent/neighbours/keepalived/source.ts'
import { systemClock } from '../../../common/clock.ts'
import { silentLog } from '../../../common/log.ts'
import { sampleMap } from './exposition/samples-of.ts'
import { createHeardLog, roundAt } from './probing.ts'

test('a virtual address is owned by the host that has it, however it is written', () => {
  const own = ['10.0.0.1', '2001:db8::5', 'fe80::1']
  const table = vipTable(
    ['10.0.0.1/24', '10.0.0.2', '2001:DB8:0:0::5/64', 'fe80::1%eth0', 'nonsense'],
    () => own,
  )
  expect([...sampleMap([table])]).toEqual([
    ['pgherd_vip_owned{vip="10.0.0.1"}', 1],
    ['pgherd_vip_owned{vip="10.0.0.2"}', 0],
    ['pgherd_vip_owned{vip="2001:db8::5"}', 1],
    ['pgherd_vip_owned{vip="fe80::1"}', 1],
    ['pgherd_vip_owned{vip="nonsense"}', 0],
  ])
})

test('the addresses of this host are those of its interfaces', () => {
  const all = Object.values(networkInterfaces()).flatMap((one) => one ?? [])
  expect([...ownAddresses()].sort()).toEqual(all.map(({ address }) => address).sort())
})

test('addresses can be watched without keepalived', async () => {
  const labelsFor = (job: string, port: number): Record<string, string> => ({ job, instance: `h:${port}` })
  await using source = createVipSource({ labelsFor, vips: ['192.0.2.1'], log: silentLog })
  const { up, tables } = await source.measure(roundAt(0))
  expect([source.labels, up, [...sampleMap(tables)]]).toEqual([
    { job: 'node', instance: 'h:9650' },
    true,
    [['pgherd_vip_owned{vip="192.0.2.1"}', 0]],
  ])
})

// The real refusal is that of a seccomp filter, which systemd puts around a service.
test('where addresses may not be read, that is told once, and costs nothing else', async () => {
  const readAddresses = (): never => {
    throw new Error('uv_interface_addresses returned EAFNOSUPPORT')
  }
  const log = createHeardLog()
  const common = { labelsFor: () => ({}), vips: ['192.0.2.1'], readAddresses, log }
  await using alone = createVipSource(common)
  for (let i = 0; i < 2; i++) expect(await alone.measure(roundAt(i))).toEqual({ up: false, tables: [] })
  await using keepalived = createKeepalivedSource({
    ...common,
    pidFiles: ['/nonexistent'],
    clock: systemClock,
    log: silentLog,
  })
  const { tables } = await keepalived.measure(roundAt(0))
  expect([...sampleMap(tables)]).toEqual([['keepalived_up', 0]])
  expect(log.heard).toEqual([
    'warn neighbours: whether this host has the virtual addresses cannot be told: uv_interface_addresses returned EAFNOSUPPORT',
  ])
})
