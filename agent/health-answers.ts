import type { Clock } from '../common/clock.ts'
import { readTlsFiles } from '../common/http-credentials.ts'
import type { Log } from '../common/log.ts'
import type { AgentConfig } from './config.ts'
import { serveHealthInThread } from './health-http/serve-in-thread.ts'
import type { HealthThreadServer, ObservedHealth } from './health-http/serve-in-thread.ts'

/** A state says nothing any more after so many looks that should have renewed it, and never sooner than the second. */
const staleLooks = 3
const leastStaleMs = 3_000

/**
 * The health paths at health.listen; undefined where that is not set.
 * @throws PgherdError PORT_TAKEN, or CONFIG_INVALID for an address, certificate or key that cannot be used
 */
export async function serveHealthOf(
  config: AgentConfig,
  health: ObservedHealth,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Promise<HealthThreadServer | undefined> {
  const address = config['health.listen']
  if (address === undefined) return undefined
  const { cert, key } = await readTlsFiles({
    certFile: config['health.tls_cert'],
    keyFile: config['health.tls_key'],
  })
  return serveHealthInThread({
    address,
    tls: cert === undefined || key === undefined ? undefined : { cert, key },
    health,
    clock,
    log,
    staleMs: Math.max(leastStaleMs, staleLooks * config['health.interval']),
    isCompatible: config['health.compat'] === 'patroni',
  })
}
