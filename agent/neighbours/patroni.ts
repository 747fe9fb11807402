import { createEndpointSource } from './endpoint.ts'
import { endpointOptions } from './known-endpoint.ts'
import type { KnownEndpointOptions } from './known-endpoint.ts'
import type { Neighbour } from './neighbour.ts'

export const patroniEndpoint = { url: 'http://127.0.0.1:8008/metrics', job: 'pgsql' }

/**
 * Patroni's REST API, under Patroni's names. Older versions answer a path that they do not know with 503.
 * @throws PgherdError CONFIG_INVALID as `createEndpointSource`
 */
export function createPatroniSource(options: KnownEndpointOptions): Neighbour {
  return createEndpointSource({
    ...endpointOptions(patroniEndpoint, options),
    explainStatus: (status) =>
      status === 503 || status === 404
        ? `it answered with status ${status}: this Patroni has no metrics, which came with version 2.1`
        : undefined,
  })
}
