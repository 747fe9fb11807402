import { existsSync, readFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createEtcdSource } from '../../../agent/neighbours/etcd.ts'
import { createExpositionParser } from '../../../agent/neighbours/exposition/parser.ts'
import { createHaproxySource } from '../../../agent/neighbours/haproxy.ts'
import type { KnownEndpointOptions } from '../../../agent/neighbours/known-endpoint.ts'
import type { Neighbour } from '../../../agent/neighbours/neighbour.ts'
import { createPatroniSource } from '../../../agent/neighbours/patroni.ts'
import { createHttpClient } from '../../../common/http-client.ts'
import { silentLog } from '../../../common/log.ts'
import { formatExposition } from '../../../common/series/exposition-text.ts'
import { findProgram } from '../../../testbed/find-program.ts'
import { sampleMap } from './exposition/samples-of.ts'
import { roundAt } from './probing.ts'
import { startEtcd } from './programs/etcd.ts'
import { startHaproxy } from './programs/haproxy.ts'
import { patroniBinaries, startPatroni } from './programs/patroni.ts'
import { ingestedByPrometheus } from './programs/prometheus.ts'
import { serving } from './serving.ts'

const missing = ['etcd', 'patroni', 'haproxy', 'prometheus', 'promtool'].filter(
  (name) => findProgram(name) === undefined,
)
if (!existsSync(patroniBinaries)) missing.push('postgresql-15')

const options = {
  labelsFor: (job: string, port: number) => ({ job, instance: `127.0.0.1:${port}` }),
  log: silentLog,
}

async function measured(
  create: (options: KnownEndpointOptions) => Neighbour,
  url: string,
): Promise<ReadonlyMap<string, number>> {
  await using source = create({ ...options, url })
  const { up, tables } = await source.measure(roundAt(Date.now()))
  expect(up).toBe(true)
  return sampleMap(tables)
}

const namesOf = (samples: ReadonlyMap<string, number>): ReadonlySet<string> =>
  new Set([...samples.keys()].map((series) => series.replace(/\{.*/, '')))

describe.skipIf(missing.length > 0)(
  `real programs${missing.length > 0 ? ` (missing: ${missing.join()})` : ''}`,
  () => {
    const stack = new AsyncDisposableStack()
    let patroni: string
    let etcd: string
    let haproxy: string
    /** What each program exposed once. */
    const bodies = new Map<string, string>()

    beforeAll(async () => {
      const [oneEtcd, oneHaproxy] = await Promise.all([startEtcd(), startHaproxy()])
      stack.use(oneEtcd)
      stack.use(oneHaproxy)
      const onePatroni = stack.use(await startPatroni(oneEtcd.address))
      patroni = `${onePatroni.url}/metrics`
      etcd = `http://${oneEtcd.address}/metrics`
      haproxy = oneHaproxy.url
      using http = createHttpClient()
      for (const url of [patroni, etcd, haproxy]) {
        const { body } = await http.send({ method: 'GET', url, timeoutMs: 5000 })
        bodies.set(url, Buffer.from(body).toString())
      }
    })
    afterAll(() => stack.disposeAsync())

    test('Patroni is measured under its names', async () => {
      const samples = await measured(createPatroniSource, patroni)
      expect(
        samples.get('patroni_primary{scope="pg-main"}') ?? samples.get('patroni_master{scope="pg-main"}'),
      ).toBe(1)
      expect(samples.get('patroni_postgres_running{scope="pg-main"}')).toBe(1)
      expect([...namesOf(samples)]).toEqual(
        expect.arrayContaining([
          'patroni_version',
          'patroni_postmaster_start_time',
          'patroni_standby_leader',
          'patroni_cluster_unlocked',
          'patroni_dcs_last_seen',
          'patroni_is_paused',
          'patroni_pending_restart',
          'patroni_xlog_paused',
          'patroni_postgres_server_version',
        ]),
      )
    })

    test('HAProxy is measured under its names, without a series for each result that a check may have', async () => {
      const samples = await measured(createHaproxySource, haproxy)
      expect(
        samples.get('haproxy_server_status{proxy="pg-main-primary",server="pg-main-1",state="DOWN"}'),
      ).toBe(1)
      expect(samples.get('haproxy_process_max_connections')).toBe(100)
      expect(namesOf(samples)).toContain('haproxy_backend_sessions_total')
      expect(namesOf(samples)).not.toContain('haproxy_server_check_status')
    })

    test('of etcd comes what tells about its health, which is a tenth of what it has', async () => {
      const samples = await measured(createEtcdSource, etcd)
      expect(samples.get('etcd_server_has_leader')).toBe(1)
      expect([...namesOf(samples)]).toEqual(
        expect.arrayContaining([
          'etcd_cluster_version',
          'etcd_debugging_mvcc_compact_revision',
          'etcd_debugging_mvcc_current_revision',
          'etcd_debugging_mvcc_events_total',
          'etcd_debugging_mvcc_keys_total',
          'etcd_disk_backend_commit_duration_seconds_bucket',
          'etcd_disk_wal_fsync_duration_seconds_bucket',
          'etcd_mvcc_db_total_size_in_bytes',
          'etcd_mvcc_db_total_size_in_use_in_bytes',
          'etcd_mvcc_delete_total',
          'etcd_mvcc_put_total',
          'etcd_mvcc_range_total',
          'etcd_network_client_grpc_received_bytes_total',
          'etcd_network_client_grpc_sent_bytes_total',
          'etcd_server_id',
          'etcd_server_is_leader',
          'etcd_server_is_learner',
          'etcd_server_leader_changes_seen_total',
          'etcd_server_proposals_applied_total',
          'etcd_server_proposals_committed_total',
          'etcd_server_quota_backend_bytes',
          'etcd_server_version',
        ]),
      )
      expect(samples.size).toBeLessThan(150)
    })

    test('an etcd that asks for a certificate gets one', async () => {
      const certFile = fileURLToPath(new URL('../postgres/tls/server.crt', import.meta.url))
      const keyFile = fileURLToPath(new URL('../postgres/tls/server.key', import.meta.url))
      await using secured = await startEtcd({ certFile, keyFile })
      const url = `https://${secured.address}/metrics`
      const up = async (tls: KnownEndpointOptions['tls']): Promise<boolean> => {
        await using source = createEtcdSource({ ...options, url, tls })
        return (await source.measure(roundAt(0))).up
      }
      expect(await up({ caFile: certFile })).toBe(false)
      expect(await up({ caFile: certFile, certFile, keyFile })).toBe(true)
    })

    test('every line of their answers is a sample, and the same as what Prometheus takes in', async () => {
      // What Prometheus refuses and we read is not in it: blanks after the value, a negative timestamp.
      const nasty = readFileSync(new URL('exposition/nasty.txt', import.meta.url), 'utf8')
      const texts = [...bodies.values(), nasty]
      const copies = await serving((request, response) => {
        response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' })
        response.end(texts[Number(request.url?.slice(1))])
      })
      const urls = texts.map((_, i) => `${copies}/${i}`)
      const ingested = await ingestedByPrometheus(urls)
      for (const [i, text] of texts.entries()) {
        const { tables, samples, badLines } = createExpositionParser().parse(text)
        const lines = text.split('\n').filter((line) => !/^\s*(#|$)/.test(line))
        expect([samples, badLines]).toEqual([lines.length, 0])
        const read = sampleMap(tables)
        expect(read.size).toBe(lines.length)
        const sorted = (map: ReadonlyMap<string, number>): unknown =>
          [...map].sort(([a], [b]) => (a < b ? -1 : 1))
        expect(sorted(read)).toEqual(sorted(ingested.get(urls[i]!)!))
        // And back: promtool reads what is written of them.
        const written = formatExposition([{ labels: { job: 'x' }, tables }])
        expect([0, 3]).toContain(
          spawnSync(findProgram('promtool')!, ['check', 'metrics'], { input: written }).status,
        )
      }
    })
  },
)
