import { instanceState } from '../common/health/instance-health.ts'
import type { InstanceHealth } from '../common/health/instance-health.ts'
import type { Figure, LabelledValue } from '../common/self-metrics.ts'

/** The parts of the health cycle that are shown. */
interface Health {
  all(): readonly InstanceHealth[]
  figures(): ReadonlyMap<string, CycleFigures>
}
interface CycleFigures {
  readonly durationSeconds: number
  readonly cycles: number
  readonly missed: number
}

/** State of each server as its cycle has it, and how the cycles do. */
export function healthFigures(health: Health): readonly Figure[] {
  const perServer = (pick: (one: InstanceHealth) => number | undefined) => (): readonly LabelledValue[] =>
    health.all().flatMap((one) => {
      const value = pick(one)
      return value === undefined ? [] : [{ labels: { server: one.server }, value }]
    })
  const perCycle = (pick: (figures: CycleFigures) => number) => (): Readonly<Record<string, number>> =>
    Object.fromEntries([...health.figures()].map(([server, figures]) => [server, pick(figures)]))
  return [
    {
      name: 'pgherd_health_state',
      help: 'State of the server: 1 for the one that it is in.',
      labels: ['server', 'state'],
      read: () =>
        health.all().flatMap(({ server, state }) =>
          instanceState.options.map((one) => ({
            labels: { server, state: one },
            value: one === state ? 1 : 0,
          })),
        ),
    },
    {
      name: 'pgherd_health_primary',
      help: '1 for a primary, 0 for a standby; missing while it is not known.',
      labels: ['server'],
      read: perServer(({ role }) => (role === null ? undefined : Number(role === 'primary'))),
    },
    {
      name: 'pgherd_health_writable',
      help: 'Whether it would take a write; missing while it is not known.',
      labels: ['server'],
      read: perServer(({ isWritable }) => (isWritable === null ? undefined : Number(isWritable))),
    },
    {
      name: 'pgherd_health_patroni_lock',
      help: 'Whether its Patroni answers and holds the key of the leader; missing without Patroni.',
      labels: ['server'],
      read: perServer(({ patroni }) =>
        patroni === null ? undefined : Number(patroni.isReachable && patroni.hasLock === true),
      ),
    },
    {
      name: 'pgherd_health_cycle_duration_seconds',
      help: 'How long the last look at the server took.',
      label: 'server',
      read: perCycle(({ durationSeconds }) => durationSeconds),
    },
    {
      name: 'pgherd_health_cycles_total',
      help: 'Looks at the server since the start.',
      label: 'server',
      read: perCycle(({ cycles }) => cycles),
    },
    {
      name: 'pgherd_health_missed_cycles_total',
      help: 'Looks that did not take place because the agent stood still or the one before took too long.',
      label: 'server',
      read: perCycle(({ missed }) => missed),
    },
  ]
}

/** What load balancers were told. */
export function healthAnswerFigures({
  figures,
}: {
  readonly figures: { readonly answered: number; readonly available: number; readonly restarts: number }
}): readonly Figure[] {
  return [
    {
      name: 'pgherd_health_answers_total',
      help: 'Answers to load balancers and other askers of health.listen, by whether they were 200.',
      label: 'available',
      read: () => ({ true: figures.available, false: figures.answered - figures.available }),
    },
    {
      name: 'pgherd_health_answer_restarts_total',
      help: 'Times that the thread which answers at health.listen had to be started anew.',
      read: () => figures.restarts,
    },
  ]
}
