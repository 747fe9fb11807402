import type { Clock } from '../common/clock.ts'
import { PgherdError } from '../common/errors.ts'
import type { Log } from '../common/log.ts'
import type { AgentConfig } from './config.ts'
import { accessOf } from './config/access-options.ts'
import { createEtcdSource } from './neighbours/etcd.ts'
import { createHaproxySource } from './neighbours/haproxy.ts'
import type { LabelsFor } from './neighbours/known-endpoint.ts'
import type { Neighbour } from './neighbours/neighbour.ts'
import { createPatroniSource } from './neighbours/patroni.ts'

type NeighbourConfig = AgentConfig['neighbours'][number]

/** The source of one entry of `neighbours`. */
export function createNeighbour(
  config: NeighbourConfig,
  context: { readonly labelsFor: LabelsFor; readonly clock: Clock; readonly log: Log },
): Neighbour {
  const { labelsFor, log } = context
  const endpoint = {
    ...accessOf(config),
    url: config.url,
    labelsFor: (job: string, port: number) => ({ ...labelsFor(job, port), ...config.labels }),
    intervalMs: config.interval,
    timeoutMs: config.timeout,
    // A list that is not there must not take the place of the kind's own.
    ...(config.keep === undefined ? {} : { keep: config.keep }),
    ...(config.drop === undefined ? {} : { drop: config.drop }),
    sampleLimit: config.sample_limit,
    log,
  }
  switch (config.kind) {
    case 'patroni':
      return createPatroniSource(endpoint)
    case 'haproxy':
      return createHaproxySource(endpoint)
    case 'etcd':
      return createEtcdSource(endpoint)
    default:
      throw new PgherdError('CONFIG_INVALID', `neighbours: kind ${config.kind} is not there yet`)
  }
}
