import { serverColumn } from '../../kit/columns.ts'
import { columnsOfTop } from '../../kit/expressions.ts'
import { toInstance, toTables } from '../../kit/links.ts'
import type { Row } from '../../kit/panel.ts'
import { half } from '../../kit/sizes.ts'
import { inDatabases, inServers } from '../../kit/variables.ts'

const by = 'cls, ins, datname, relname'
const table = (metric: string): string => `max by (${by}) (pg_table_${metric}{${inDatabases}})`
const time = (metric: string): string => `(${table(`vacuum_last_${metric}_time`)} > 0) * 1000`
const [dead, live, ratio, changed, autovacuum, autoanalyze] = columnsOfTop(by, 20, table('n_dead_tup'), [
  table('n_live_tup'),
  table('vacuum_dead_ratio'),
  table('n_mod_since_analyze'),
  time('autovacuum'),
  time('autoanalyze'),
])

export const work: Row = {
  title: 'Vacuum at work',
  panels: [
    {
      ...half,
      title: 'Autovacuum workers',
      description:
        'Workers that run, and how many may. When all run for hours the rest waits: more workers, or a higher autovacuum_vacuum_cost_limit.',
      noValue: 'The server has not answered yet.',
      unit: 'count',
      queries: [
        {
          expr: `sum by (cls, ins) (pg_backend_count{${inServers},type="autovacuum worker"})`,
          legend: '{{ins}} run',
        },
        {
          expr: `max by (cls, ins) (pg_setting_autovacuum_max_workers{${inServers}})`,
          legend: '{{ins}} at most',
        },
      ],
      link: { board: 'tuning', title: 'Show its settings', labels: ['cls', 'ins'] },
    },
    {
      ...half,
      title: 'Tables vacuumed and analyzed',
      description: 'Runs of autovacuum and autoanalyze that ended within an hour.',
      noValue: 'The first counter needs two measurements.',
      unit: 'count',
      queries: [
        {
          expr: `sum by (cls, ins) (increase(pg_table_autovacuum_count{${inDatabases}}[1h]))`,
          legend: '{{ins}} vacuumed',
        },
        {
          expr: `sum by (cls, ins) (increase(pg_table_autoanalyze_count{${inDatabases}}[1h]))`,
          legend: '{{ins}} analyzed',
        },
      ],
      link: toInstance,
    },
    {
      ...half,
      title: 'Dead rows',
      description:
        'Dead rows of all tables of each server, estimated. A line that only climbs means that vacuum cannot keep up or is held back.',
      noValue: 'The server has not answered yet.',
      unit: 'count',
      queries: [{ expr: `sum by (cls, ins) (pg_table_n_dead_tup{${inDatabases}})`, legend: '{{ins}}' }],
      link: toInstance,
    },
    {
      ...half,
      title: 'Vacuum under way',
      description: 'How much of its table each VACUUM has done.',
      noValue: 'No VACUUM was under way at a measurement.',
      unit: 'ratio',
      min: 0,
      max: 1,
      queries: [
        {
          expr: `max by (cls, ins, datname, relname) (pg_vacuuming_progress{${inDatabases}})`,
          legend: '{{ins}} {{datname}} {{relname}}',
        },
      ],
      link: toTables,
    },
    {
      kind: 'table',
      width: 24,
      height: 11,
      title: 'Tables with most dead rows',
      description: 'The twenty tables with most dead rows, and when autovacuum was there last.',
      noValue: 'No table has dead rows.',
      unit: 'count',
      labels: {
        ins: serverColumn,
        datname: { title: 'Database' },
        relname: { title: 'Table' },
      },
      sortBy: { title: 'Dead rows', descending: true },
      values: [
        { title: 'Dead rows', expr: dead! },
        { title: 'Live rows', expr: live! },
        { title: 'Dead part', unit: 'ratio', expr: ratio!, steps: [{ from: 0.2, tone: 'warn' }] },
        { title: 'Changed since analyze', expr: changed! },
        { title: 'Autovacuum', unit: 'ago', expr: autovacuum! },
        { title: 'Autoanalyze', unit: 'ago', expr: autoanalyze! },
      ],
    },
  ],
}
