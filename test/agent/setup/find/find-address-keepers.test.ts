import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { findAddressKeepers } from '../../../../agent/setup/find/find-address-keepers.ts'
import { processNamed } from './process-named.ts'

function fileOf(text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-addresses-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const file = join(directory, 'file')
  writeFileSync(file, text)
  return file
}

test('keepalived is found once with the addresses of all its blocks; its children are not', () => {
  const file = fileOf(`vrrp_instance one {
  interface eth0
  virtual_ipaddress {
    10.0.0.5/24 dev eth0
    # 10.0.0.99
    2001:db8::5/64
  }
}
vrrp_instance two {
  virtual_ipaddress { 10.0.0.6 }
}
`)
  const argv = ['keepalived', '-f', file]
  const found = findAddressKeepers([
    processNamed('keepalived', argv, { pid: 10 }),
    processNamed('keepalived', argv, { pid: 11, parent: 10 }),
  ])
  expect(found).toEqual([
    {
      what: `keepalived (${file})`,
      entry: { kind: 'keepalived', addresses: ['10.0.0.5', '2001:db8::5', '10.0.0.6'] },
      lacks: undefined,
    },
  ])
})

test('a keepalived whose file is not to be read is found without addresses', () => {
  expect(
    findAddressKeepers([processNamed('keepalived', ['keepalived', '-f', '/nonexistent'])]),
  ).toMatchObject([{ entry: { kind: 'keepalived' }, lacks: undefined }])
})

test('the address of vip-manager is found on its command line or in its file', () => {
  const file = fileOf('interval: 1000\nip: "10.0.0.6"\n')
  const found = findAddressKeepers([
    processNamed('vip-manager', ['vip-manager', '--ip=10.0.0.5', '--config', '/nonexistent']),
    processNamed('vip-manager', ['vip-manager', `--config=${file}`]),
  ])
  expect(found).toMatchObject([
    { entry: { kind: 'vip', addresses: ['10.0.0.5'] }, lacks: undefined },
    { entry: { kind: 'vip', addresses: ['10.0.0.6'] }, lacks: undefined },
  ])
})

test('a vip-manager without an address is told with what it lacks', () => {
  expect(
    findAddressKeepers([processNamed('vip-manager', ['vip-manager', '--config', '/nonexistent'])]),
  ).toMatchObject([
    { entry: { kind: 'vip', addresses: [] }, lacks: expect.stringContaining('addresses') as unknown },
  ])
})
