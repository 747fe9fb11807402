import { onTestFinished } from 'vitest'
import { agentProgram } from '../../../agent/config.ts'
import { createHealthWatch } from '../../../agent/health-watch.ts'
import type { Health } from '../../../agent/health/health.ts'
import { systemClock } from '../../../common/clock.ts'
import type { Clock } from '../../../common/clock.ts'
import { loadConfig } from '../../../common/config/load-config.ts'
import type { InstanceHealth } from '../../../common/health/instance-health.ts'
import { waitFor } from '../../../testbed/wait.ts'

export interface Watched {
  readonly health: Health
  current(server?: string): InstanceHealth
  /** Resolves with the report, and after how many milliseconds it came. */
  until(
    what: string,
    condition: (health: InstanceHealth) => boolean,
    server?: string,
  ): Promise<{ readonly report: InstanceHealth; readonly tookMs: number }>
}

/** What an agent with this whole configuration keeps of its servers; it does not run yet. */
export function healthWatchOf(yaml: string, clock: Clock): Health {
  const { config, problems } = loadConfig(agentProgram.table, {
    file: { name: 'agent.yaml', text: yaml },
    environment: {},
    environmentPrefix: agentProgram.environmentPrefix,
    flags: new Map(),
  })
  const health = config === undefined ? undefined : createHealthWatch(config, clock)
  if (health === undefined) throw new Error(`nothing to watch: ${problems.join('; ')}`)
  return health
}

/** The health of an agent with this configuration, running until the test ends. */
export function watch(yaml: string, clock: Clock = systemClock): Watched {
  const health = healthWatchOf(`identity: { cluster: pg, seq: 1, ip: 127.0.0.1 }\n${yaml}`, clock)
  const over = new AbortController()
  const running = health.run(over.signal)
  onTestFinished(async () => {
    over.abort()
    await running
  })
  const current = (server = 'pg-1'): InstanceHealth => {
    const found = health.current(server)
    if (found === undefined) throw new Error(`${server} is not watched`)
    return found
  }
  return {
    health,
    current,
    async until(what, condition, server) {
      const beganMs = performance.now()
      const look = (): InstanceHealth | undefined => {
        const report = current(server)
        return condition(report) ? report : undefined
      }
      const explain = (): string => JSON.stringify(current(server))
      const report = await waitFor(what, look, { intervalMs: 5, explain })
      return { report, tookMs: performance.now() - beganMs }
    },
  }
}
