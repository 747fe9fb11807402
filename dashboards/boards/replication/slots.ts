import { serverColumn, yesNo } from '../../kit/columns.ts'
import { toInstance } from '../../kit/links.ts'
import type { Row } from '../../kit/panel.ts'
import { half } from '../../kit/sizes.ts'
import { inServers } from '../../kit/variables.ts'

const by = 'cls, ins, slot_name, slot_type'
const max = (metric: string): string => `max by (${by}) (pg_slot_${metric}{${inServers}})`
const noSlot = 'These servers have no replication slot.'

export const slots: Row = {
  title: 'Slots and logical replication',
  panels: [
    {
      kind: 'table',
      width: 24,
      height: 8,
      title: 'Replication slots',
      description:
        'A slot that nobody uses keeps WAL until the disk is full, unless max_slot_wal_keep_size ends it.',
      noValue: noSlot,
      unit: 'count',
      labels: {
        cls: { title: 'Cluster' },
        ins: serverColumn,
        slot_name: { title: 'Slot' },
        slot_type: { title: 'Type' },
      },
      sortBy: { title: 'Keeps', descending: true },
      values: [
        { title: 'Used', expr: max('active'), states: yesNo },
        {
          title: 'Keeps',
          unit: 'bytes',
          expr: max('retained_bytes'),
          steps: [
            { from: 1_073_741_824, tone: 'warn' },
            { from: 17_179_869_184, tone: 'bad' },
          ],
        },
        { title: 'Unused for', unit: 'seconds', expr: max('inactive_seconds') },
        {
          title: 'WAL',
          expr: max('wal_status'),
          states: [
            { value: -1, text: 'none', tone: 'unknown' },
            { value: 0, text: 'reserved', tone: 'good' },
            { value: 1, text: 'extended', tone: 'calm' },
            { value: 2, text: 'unreserved', tone: 'warn' },
            { value: 3, text: 'lost', tone: 'bad' },
          ],
        },
        { title: 'Copied to standbys', expr: max('failover'), states: yesNo },
      ],
    },
    {
      ...half,
      title: 'WAL kept by slots',
      description: 'Bytes of WAL that each slot keeps.',
      noValue: noSlot,
      unit: 'bytes',
      queries: [
        {
          expr: `max by (cls, ins, slot_name) (pg_slot_retained_bytes{${inServers}})`,
          legend: '{{ins}} {{slot_name}}',
        },
      ],
      link: toInstance,
    },
    {
      ...half,
      title: 'Logical decoding',
      description:
        'Bytes that were decoded per second, and those that did not fit logical_decoding_work_mem and went to disk.',
      noValue: 'These servers have no logical slot, or are older than 14.',
      unit: 'bytesPerSecond',
      queries: [
        {
          expr: `sum by (cls, ins, slot_name) (rate(pg_slot_total_bytes{${inServers}}[$__rate_interval]))`,
          legend: '{{ins}} {{slot_name}} decoded',
        },
        {
          expr: `sum by (cls, ins, slot_name) (rate(pg_slot_spill_bytes{${inServers}}[$__rate_interval]))`,
          legend: '{{ins}} {{slot_name}} to disk',
        },
      ],
      link: toInstance,
    },
    {
      ...half,
      title: 'Subscriptions without a worker',
      description:
        'Subscriptions whose apply worker does not run: it is disabled, or fails and starts again.',
      noValue: 'These servers subscribe to nothing.',
      unit: 'count',
      queries: [
        {
          expr: `sum by (cls, ins, subname) (1 - pg_sub_has_worker{${inServers}})`,
          legend: '{{ins}} {{subname}}',
        },
      ],
      steps: [{ from: 1, tone: 'bad' }],
      link: toInstance,
    },
    {
      ...half,
      title: 'Errors of subscriptions',
      description: 'Errors while changes were applied or tables copied, within ten minutes.',
      noValue: 'These servers subscribe to nothing, or are older than 15.',
      unit: 'count',
      queries: [
        {
          expr: `sum by (cls, ins, subname) (increase(pg_sub_apply_error_count{${inServers}}[10m]))`,
          legend: '{{ins}} {{subname}} applying',
        },
        {
          expr: `sum by (cls, ins, subname) (increase(pg_sub_sync_error_count{${inServers}}[10m]))`,
          legend: '{{ins}} {{subname}} copying',
        },
      ],
      steps: [{ from: 1, tone: 'bad' }],
      link: toInstance,
    },
  ],
}
