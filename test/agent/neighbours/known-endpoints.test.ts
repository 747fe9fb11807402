import { describe, expect, test } from 'vitest'
import { createEtcdSource } from '../../../agent/neighbours/etcd.ts'
import { createHaproxySource } from '../../../agent/neighbours/haproxy.ts'
import { createPatroniSource } from '../../../agent/neighbours/patroni.ts'
import { silentLog } from '../../../common/log.ts'
import { createHeardLog, roundAt } from './probing.ts'
import { serving } from './serving.ts'

describe('known kinds', () => {
  const common = {
    labelsFor: (job: string, port: number) => ({ job, instance: `10.0.0.1:${port}` }),
    log: silentLog,
  }

  test('have their job and the port of their URL', async () => {
    await using patroni = createPatroniSource(common)
    await using haproxy = createHaproxySource({ ...common, url: 'https://localhost/metrics' })
    await using etcd = createEtcdSource({ ...common, url: 'http://10.0.0.1:12379/metrics' })
    expect([patroni.labels, haproxy.labels, etcd.labels]).toEqual([
      { job: 'pgsql', instance: '10.0.0.1:8008' },
      { job: 'node', instance: '10.0.0.1:443' },
      { job: 'etcd', instance: '10.0.0.1:12379' },
    ])
  })

  // What Patroni 2.0 does, which cannot be had: an unknown path is a health check that fails.
  test('a Patroni without /metrics is called old', async () => {
    const url = await serving((_, response) =>
      response.writeHead(503, { 'content-type': 'application/json' }).end('{"state": "running"}'),
    )
    const log = createHeardLog()
    await using patroni = createPatroniSource({ ...common, url, log })
    expect((await patroni.measure(roundAt(0))).up).toBe(false)
    expect(log.heard).toEqual([
      'warn neighbours: the endpoint cannot be measured: it answered with status 503: this Patroni has no metrics, which came with version 2.1',
    ])
  })

  test('the default lists can be replaced', async () => {
    const url = await serving((_, response) =>
      response.end('etcd_server_id 1\ngrpc_server_handled_total 1\n'),
    )
    const names = async (keep?: readonly string[]): Promise<readonly string[]> => {
      await using etcd = createEtcdSource({ ...common, url, ...(keep === undefined ? {} : { keep }) })
      return (await etcd.measure(roundAt(0))).tables.flatMap(({ metrics }) => metrics)
    }
    expect(await names()).toContain('etcd_server_id')
    expect(await names()).not.toContain('grpc_server_handled_total')
    expect(await names(['grpc_.*'])).toContain('grpc_server_handled_total')
  })
})
