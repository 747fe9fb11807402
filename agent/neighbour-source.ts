import type { Clock } from '../common/clock.ts'
import type { Log } from '../common/log.ts'
import type { AgentConfig } from './config.ts'
import { accessOf } from '../common/config/access-options.ts'
import { resolveReading } from '../common/patroni/access.ts'
import { createEtcdSource } from './neighbours/etcd.ts'
import { createHaproxySource } from './neighbours/haproxy.ts'
import { createKeepalivedSource } from './neighbours/keepalived/source.ts'
import type { LabelsFor } from './neighbours/known-endpoint.ts'
import type { Neighbour } from './neighbours/neighbour.ts'
import { createPatroniSource } from './neighbours/patroni.ts'
import { createPgbackrestSource } from './neighbours/pgbackrest/source.ts'
import { createVipSource } from './neighbours/vip.ts'

type NeighbourConfig = AgentConfig['neighbours'][number]

/** The source of one entry of `neighbours`. */
export function createNeighbour(
  config: NeighbourConfig,
  context: { readonly labelsFor: LabelsFor; readonly clock: Clock; readonly log: Log },
): Neighbour {
  const { labelsFor, clock, log } = context
  const withLabels: LabelsFor = (job, port) => ({ ...labelsFor(job, port), ...config.labels })
  const endpoint = {
    ...accessOf(config),
    url: config.url,
    labelsFor: withLabels,
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
      return createPatroniSource({
        ...endpoint,
        resolve:
          config.config_file === undefined
            ? undefined
            : () => resolveReading({ ...accessOf(config), url: config.url, configFile: config.config_file }),
      })
    case 'haproxy':
      return createHaproxySource(endpoint)
    case 'etcd':
      return createEtcdSource(endpoint)
    case 'keepalived':
      return createKeepalivedSource({
        labelsFor: withLabels,
        ...(config.pid_file === undefined ? {} : { pidFiles: [config.pid_file] }),
        dumpPrefix: config.dump_prefix,
        intervalMs: config.interval,
        vips: config.addresses,
        clock,
        log,
      })
    case 'pgbackrest':
      return createPgbackrestSource({
        labelsFor: withLabels,
        command: config.command,
        configFile: config.config_file,
        stanza: config.stanza,
        intervalMs: config.interval,
        timeoutMs: config.timeout,
        clock,
        log,
      })
    case 'vip':
      return createVipSource({ labelsFor: withLabels, vips: config.addresses ?? [], log })
  }
}
