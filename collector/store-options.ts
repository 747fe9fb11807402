import { accessFields, accessProblems } from '../common/config/access-options.ts'
import { bytes, duration, hidePassword, integer, oneOf, path, url } from '../common/config/kinds.ts'
import { option, optional, required } from '../common/config/option-table.ts'
import type { Config } from '../common/config/option-table.ts'
import { records } from '../common/config/records.ts'
import { tenant } from './store-tenant.ts'

const endpoints = records({
  url: required(url(['http', 'https']), 'its base; paths are appended'),
  ...accessFields,
})

/** Where samples are kept: in the collector itself, or in a VictoriaMetrics behind it. */
export const storeOptions = {
  'store.kind': option(
    oneOf(['embedded', 'victoriametrics']),
    'where metrics are kept: in store.directory, or in a VictoriaMetrics; the embedded data stays when this changes',
    'embedded',
  ),
  'store.directory': option(path, 'where metrics and fleet state are kept', '/var/lib/pgherd/collector'),
  'store.retention': option(
    duration({ min: '2h', max: '3650d' }),
    'samples older than this are deleted; a VictoriaMetrics has its own',
    30 * 86_400_000,
  ),
  'store.max_bytes': optional(
    bytes({ min: 64 * 2 ** 20, max: 2 ** 50 }),
    'disk budget of the blocks; beyond it the oldest are deleted',
  ),
  'store.max_series': option(
    integer({ min: 1_000, max: 50_000_000 }),
    'most series that are written to at a time; further new ones are refused, and the log names the label behind them',
    2_000_000,
  ),
  'store.max_new_series_per_hour': optional(
    integer({ min: 1_000, max: 1_000_000_000 }),
    'most new series from one full hour to the next; further ones are refused',
  ),
  'store.max_head_bytes': option(
    bytes({ min: 64 * 2 ** 20, max: 2 ** 42 }),
    'memory for samples that are not in a block yet; beyond half of it blocks are written early',
    2 ** 30,
  ),
  'store.buffer_max_bytes': option(
    bytes({ min: 64 * 2 ** 20, max: 2 ** 44 }),
    'disk budget of what waits for a VictoriaMetrics; beyond it writes are answered 503, and senders keep what they have',
    4 * 2 ** 30,
  ),
  'store.victoriametrics.insert': option(
    endpoints,
    'where to write, the first that is up: [{ url: http://127.0.0.1:8428 }], or the vminserts of a cluster',
    [],
  ),
  'store.victoriametrics.select': option(
    endpoints,
    'where to query, the first that is up; the same as insert unless told, for a cluster its vmselects',
    [],
  ),
  'store.victoriametrics.tenant': optional(
    tenant,
    'tenant in a cluster, which makes the paths those of a cluster; none for a single node',
  ),
} as const

type StoreConfig = Config<typeof storeOptions>

/** What is wrong between the options. */
export function storeProblems(config: StoreConfig): readonly string[] {
  const insert = config['store.victoriametrics.insert']
  const select = config['store.victoriametrics.select']
  const problems: string[] = []
  for (const [key, list] of [
    ['store.victoriametrics.insert', insert],
    ['store.victoriametrics.select', select],
  ] as const) {
    for (const [i, one] of list.entries()) {
      problems.push(...accessProblems(`${key}[${i}]`, one))
      // Paths are appended to it.
      if (/[?#]/.test(one.url)) {
        problems.push(
          `${key}[${i}].url: was "${hidePassword(one.url)}"; allowed: an http or https URL without ? and #`,
        )
      }
    }
  }
  if (config['store.kind'] !== 'victoriametrics') return problems
  if (insert.length === 0) {
    problems.push('store.victoriametrics.insert: missing; allowed: at least one endpoint with its url')
  }
  if (select.length === 0 && config['store.victoriametrics.tenant'] !== undefined) {
    problems.push(
      'store.victoriametrics.select: missing; allowed: at least one vmselect, for in a cluster the vminserts answer no queries',
    )
  }
  return problems
}
