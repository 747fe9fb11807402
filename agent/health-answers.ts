import { readFile } from 'node:fs/promises'
import type { Clock } from '../common/clock.ts'
import { PgherdError, messageOf } from '../common/errors.ts'
import type { InstanceHealth } from '../common/health/instance-health.ts'
import type { AgentConfig } from './config.ts'
import { serveHealth } from './health-http/serve-health.ts'
import type { HealthServer } from './health-http/serve-health.ts'

/** A state says nothing any more after so many looks that should have renewed it, and never sooner than the second. */
const staleLooks = 3
const leastStaleMs = 3_000

/**
 * The health paths at health.listen; undefined where that is not set.
 * @throws PgherdError PORT_TAKEN, or CONFIG_INVALID for an address, certificate or key that cannot be used
 */
export async function serveHealthOf(
  config: AgentConfig,
  health: {
    current(server: string): InstanceHealth | undefined
    all(): readonly InstanceHealth[]
  },
  clock: Clock,
): Promise<HealthServer | undefined> {
  const address = config['health.listen']
  if (address === undefined) return undefined
  const [certFile, keyFile] = [config['health.tls_cert'], config['health.tls_key']]
  return serveHealth({
    address,
    ...(certFile === undefined || keyFile === undefined
      ? {}
      : {
          tls: {
            cert: await readPem('health.tls_cert', certFile),
            key: await readPem('health.tls_key', keyFile),
          },
        }),
    current: (server) => (server === undefined ? health.all()[0] : health.current(server)),
    servers: () => health.all().map(({ server }) => server),
    now: () => clock.now(),
    staleMs: Math.max(leastStaleMs, staleLooks * config['health.interval']),
    isCompatible: config['health.compat'] === 'patroni',
  })
}

async function readPem(option: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new PgherdError('CONFIG_INVALID', `${option}: ${file} cannot be read: ${messageOf(error)}`, {
      cause: error,
    })
  }
}
