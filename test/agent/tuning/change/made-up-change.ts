import type { ChangeRecord } from '../../../../agent/tuning/change/change-record.ts'

/** A change of work_mem and shared_buffers that is kept, unless told otherwise. */
export function madeUpChange(some: Partial<ChangeRecord> = {}): ChangeRecord {
  return {
    ...{
      id: 'one',
      server: 'pg-test-1',
      state: 'kept',
      startedMs: 1_000,
      finishedMs: 2_000,
      message: 'as it is',
    },
    noted: {
      by: 'alter-system',
      changes: [
        { name: 'work_mem', wrote: '8192', before: null },
        { name: 'shared_buffers', wrote: '65536', before: '16384' },
      ],
    },
    scope: null,
    settings: [
      {
        ...{ name: 'work_mem', unit: 'kB', before: '4096', after: '8192', source: 'default', where: null },
        needsRestart: false,
      },
      {
        ...{ name: 'shared_buffers', unit: '8kB', before: '16384', after: '65536' },
        ...{ source: 'configuration file', where: '/data/postgresql.auto.conf:3', needsRestart: true },
      },
    ],
    ...{ othersHash: '', autoConf: '/data/postgresql.auto.conf', serverStartMs: 1 },
    guard: { windowMs: 60_000, bound: 0.2 },
    ...{ baseline: null, usual: {}, untilMs: null, sinceSample: null, readings: [] },
    ...some,
  }
}
