import { createEndpointSource } from './endpoint.ts'
import { endpointOptions } from './known-endpoint.ts'
import type { KnownEndpointOptions } from './known-endpoint.ts'
import type { Neighbour } from './neighbour.ts'

export const etcdEndpoint = { url: 'http://127.0.0.1:2379/metrics', job: 'etcd' }

/** What tells about the health of a cluster, in about 100 series; all it has are 1 250. */
export const etcdKeep: readonly string[] = [
  'etcd_cluster_version',
  'etcd_server_.+',
  'etcd_debugging_mvcc_(compact_revision|current_revision|db_compaction_last|events_total|keys_total)',
  'etcd_mvcc_(db_.+|(delete|put|range|txn)_total)',
  'etcd_disk_(wal_fsync|backend_commit)_duration_seconds_(bucket|sum|count)',
  'etcd_network_(client_grpc|peer)_(sent|received)_bytes_total',
  'etcd_network_peer_(sent|received)_failures_total',
  'etcd_network_peer_round_trip_time_seconds_(bucket|sum|count)',
  'process_(cpu_seconds_total|resident_memory_bytes|open_fds|max_fds|start_time_seconds)',
]

/**
 * A member of etcd, under its names.
 * @throws PgherdError CONFIG_INVALID as `createEndpointSource`
 */
export function createEtcdSource(options: KnownEndpointOptions): Neighbour {
  return createEndpointSource({ keep: etcdKeep, ...endpointOptions(etcdEndpoint, options) })
}
