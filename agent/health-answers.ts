import type { Clock } from '../common/clock.ts'
import { readTlsFiles } from '../common/http-credentials.ts'
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
  const { cert, key } = await readTlsFiles({
    certFile: config['health.tls_cert'],
    keyFile: config['health.tls_key'],
  })
  return serveHealth({
    address,
    ...(cert === undefined || key === undefined ? {} : { tls: { cert, key } }),
    current: (server) => (server === undefined ? health.all()[0] : health.current(server)),
    servers: () => health.all().map(({ server }) => server),
    now: () => clock.now(),
    staleMs: Math.max(leastStaleMs, staleLooks * config['health.interval']),
    isCompatible: config['health.compat'] === 'patroni',
  })
}
