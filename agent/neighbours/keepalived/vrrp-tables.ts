import type { SampleTable } from '../../../common/series/sample-table.ts'
import { vrrpCounters, vrrpStates } from './instance.ts'
import type { VrrpInstance } from './instance.ts'

/**
 * The instances under the names of both exporters in use, with their labels: `keepalived_*_total` and
 * `keepalived_vrrp_state` (mehdy's), and `keepalived_vrrp_*` (gen2brain's, whose label `state` begins a new series
 * at every change).
 */
export function vrrpTables(instances: readonly VrrpInstance[]): readonly SampleTable[] {
  const counters = (one: VrrpInstance): readonly (number | undefined)[] =>
    vrrpCounters.map(([key]) => one.counters.get(key))
  return [
    {
      metrics: vrrpCounters.map(([, total]) => `keepalived_${total}`),
      labelNames: ['iname', 'intf', 'vrid'],
      rows: instances.map((one) => ({
        labels: [one.name, one.interface, String(one.routerId)],
        values: counters(one),
      })),
    },
    {
      metrics: vrrpCounters.map(([key]) => `keepalived_vrrp_${key}`),
      labelNames: ['intf', 'name', 'state', 'vrid'],
      rows: instances.map((one) => ({
        labels: [one.interface, one.name, vrrpStates[one.state] ?? '', String(one.routerId)],
        values: counters(one),
      })),
    },
    {
      metrics: ['keepalived_vrrp_state'],
      labelNames: ['iname', 'intf', 'ip_address', 'vrid'],
      rows: instances.flatMap((one) =>
        (one.vips.length === 0 ? [''] : one.vips).map((vip) => ({
          labels: [one.name, one.interface, vip, String(one.routerId)],
          values: [one.state],
        })),
      ),
    },
  ]
}
