import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { findEtcds } from '../../../../agent/setup/find/find-etcds.ts'
import { processNamed } from './process-named.ts'

function etcdFile(text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-etcd-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const file = join(directory, 'etcd.yaml')
  writeFileSync(file, text)
  return file
}

test('an etcd is measured where its command line has it listen, on loopback if it does', () => {
  const argv = ['etcd', '--listen-client-urls', 'http://10.0.0.7:2379,http://127.0.0.1:2379']
  expect(findEtcds([processNamed('etcd', argv)])).toEqual([
    {
      what: 'etcd (http://127.0.0.1:2379)',
      entry: { kind: 'etcd', url: 'http://127.0.0.1:2379/metrics' },
      lacks: undefined,
    },
  ])
})

test('its own address for figures goes before that of its clients', () => {
  const environment = new Map([
    ['ETCD_LISTEN_CLIENT_URLS', 'https://10.0.0.7:2379'],
    ['ETCD_CLIENT_CERT_AUTH', 'true'],
    ['ETCD_LISTEN_METRICS_URLS', 'http://0.0.0.0:2381'],
  ])
  expect(findEtcds([processNamed('etcd', ['etcd'], { environment })])).toMatchObject([
    { entry: { url: 'http://127.0.0.1:2381/metrics' }, lacks: undefined },
  ])
})

test('one that wants certificates of its clients is told with what that takes', () => {
  const file = etcdFile(
    [
      'listen-client-urls: https://127.0.0.1:2379',
      'client-transport-security: { client-cert-auth: true, trusted-ca-file: /etc/etcd/ca.pem }',
    ].join('\n'),
  )
  expect(findEtcds([processNamed('etcd', ['etcd', `--config-file=${file}`])])).toMatchObject([
    {
      entry: { url: 'https://127.0.0.1:2379/metrics', ca_file: '/etc/etcd/ca.pem' },
      lacks: expect.stringContaining('--listen-metrics-urls') as unknown,
    },
  ])
})

test('a file that is no YAML leaves it where etcd listens unless told', () => {
  const file = etcdFile('listen-client-urls: [')
  expect(findEtcds([processNamed('etcd', ['etcd', '--config-file', file])])).toMatchObject([
    { entry: { url: 'http://127.0.0.1:2379/metrics' } },
  ])
})

test('one in a container is not of this host', () => {
  expect(findEtcds([processNamed('etcd', ['etcd'], { isContained: true })])).toEqual([])
})
