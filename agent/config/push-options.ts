import { bytes, duration, oneOf, path, text, url } from '../../common/config/kinds.ts'
import { option, optional, required } from '../../common/config/option-table.ts'
import { records } from '../../common/config/records.ts'
import { accessFields } from '../../common/config/access-options.ts'

const order = oneOf(['oldest', 'fresh'])

export const pushOptions = {
  'collector.url': option(
    url(['http', 'https']),
    'the collector, or any remote-write receiver at <url>/api/v1/write',
    'http://127.0.0.1:8432',
  ),
  'collector.order': option(
    order,
    'what is sent first after an outage: the oldest measurements, or fresh ones with the others behind them',
    'oldest',
  ),
  'collector.proxy': optional(
    url(['http']),
    'HTTP proxy through which the collector is reached by https; that of HTTPS_PROXY and NO_PROXY unless told',
  ),
  'tls.directory': option(
    path,
    'where pgherd-agent join keeps the certificate of this agent, its key and the authority of the collector',
    '/var/lib/pgherd/agent/tls',
  ),
  destinations: option(
    records({
      name: required(
        text({
          pattern: /^(?!collector$)[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/,
          allowed: '1 to 32 letters, digits, dashes and underscores, and not collector',
          placeholder: '<name>',
        }),
        'its name, which is also that of its place in the spool',
      ),
      url: required(url(['http', 'https']), 'the whole URL that is written to'),
      order: option(order, 'as collector.order', 'oldest'),
      start: option(
        oneOf(['oldest', 'now']),
        'where a new one begins: with everything in the spool, or with the next measurement',
        'oldest',
      ),
      ...accessFields,
    }),
    'further remote-write receivers, each with its own place in the spool',
    [],
  ),
  'spool.directory': option(
    path,
    'where measurements wait until every destination has them; one directory per agent',
    '/var/lib/pgherd/agent/spool',
  ),
  'spool.max_bytes': option(
    bytes({ min: 16 * 2 ** 20, max: 2 ** 40 }),
    'disk budget of the spool; beyond it the oldest measurements are dropped and counted',
    2 * 2 ** 30,
  ),
  'spool.max_age': option(
    duration({ min: '1m', max: '30d' }),
    'measurements older than this are dropped and counted',
    3 * 86_400_000,
  ),
  'tracing.endpoint': optional(
    url(['http', 'https']),
    'receiver of traces by OTLP over HTTP, such as http://127.0.0.1:4318/v1/traces; none by default',
  ),
} as const
