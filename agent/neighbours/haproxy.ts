import { createEndpointSource } from './endpoint.ts'
import { endpointOptions } from './known-endpoint.ts'
import type { KnownEndpointOptions } from './known-endpoint.ts'
import type { Neighbour } from './neighbour.ts'

export const haproxyEndpoint = { url: 'http://127.0.0.1:9101/metrics', job: 'node' }

/** One series per server and possible result of a check, up to 26, of which one is 1: the status says the same. */
export const haproxyDrop: readonly string[] = [
  'haproxy_server_(check|agent)_status',
  'haproxy_backend_agg_.+',
]

/**
 * HAProxy's own exporter (`http-request use-service prometheus-exporter`), under its names.
 * @throws PgherdError CONFIG_INVALID as `createEndpointSource`
 */
export function createHaproxySource(options: KnownEndpointOptions): Neighbour {
  return createEndpointSource({ drop: haproxyDrop, ...endpointOptions(haproxyEndpoint, options) })
}
