import { boolean, duration } from '../../common/config/kinds.ts'
import { option } from '../../common/config/option-table.ts'

export const secretsOptions = {
  'secrets.enabled': option(
    boolean,
    'whether services of this host are tried with well-known default passwords, at most six wrong ones each time',
    true,
  ),
  'secrets.after': option(
    duration({ min: '1s', max: '1d' }),
    'time from the start of the agent to the first look',
    600_000,
  ),
  'secrets.interval': option(
    duration({ min: '1m', max: '30d' }),
    'time between two looks, also over restarts',
    86_400_000,
  ),
} as const
