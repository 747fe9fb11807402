import { boolean, duration } from '../../common/config/kinds.ts'
import { option } from '../../common/config/option-table.ts'

export const healthOptions = {
  'health.enabled': option(
    boolean,
    'whether the state of each server is kept, over a connection of its own, for load balancers and the collector',
    true,
  ),
  'health.interval': option(
    duration({ min: '500ms', max: '10s' }),
    'time between two looks at a server',
    1_000,
  ),
  'health.deadline': option(
    duration({ min: '100ms', max: '5s' }),
    'silence after which a server is called hung; below health.interval',
    800,
  ),
} as const
