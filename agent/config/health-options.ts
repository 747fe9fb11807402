import { boolean, duration, oneOf, path } from '../../common/config/kinds.ts'
import { anyListen } from '../../common/config/listen.ts'
import { option, optional } from '../../common/config/option-table.ts'
import type { Config } from '../../common/config/option-table.ts'

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
  'health.listen': optional(
    anyListen,
    "address at which load balancers ask for a server's health, without a password as at Patroni's; none by default",
  ),
  'health.compat': option(
    oneOf(['strict', 'patroni']),
    'whether paths and parameters that Patroni takes loosely (an unreadable lag is no limit) are refused, or taken as there',
    'strict',
  ),
  'health.tls_cert': optional(path, 'certificate chain (PEM) for health.listen; plain HTTP without it'),
  'health.tls_key': optional(path, 'key (PEM) of health.tls_cert'),
} as const

/** What is wrong between options that are right each by itself. */
export function healthProblems(config: Config<typeof healthOptions>): readonly string[] {
  const needed = (name: 'health.tls_cert' | 'health.tls_key', why: string): readonly string[] =>
    config[name] === undefined ? [`${name}: missing; allowed: a file, since ${why} is given`] : []
  return [
    ...(config['health.deadline'] < config['health.interval']
      ? []
      : ['health.deadline: was not below health.interval; allowed: a duration below the interval']),
    ...(config['health.tls_cert'] === undefined ? [] : needed('health.tls_key', 'health.tls_cert')),
    ...(config['health.tls_key'] === undefined ? [] : needed('health.tls_cert', 'health.tls_key')),
    ...(config['health.listen'] === undefined || config['health.enabled']
      ? []
      : ['health.listen: has nothing to tell while health.enabled is false; allowed: one of the two']),
  ]
}
