import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { drillFigures } from '../../agent/backup/drill/drill-result.ts'
import { backupFigures } from '../../agent/backup/report/backup-figures.ts'
import { createFilesystemReader } from '../../agent/host/filesystem.ts'
import type { BackupReport } from '../../common/backup/backup-report.ts'
import type { BackupOutcome, BackupRun } from '../../common/backup/backup-run.ts'
import { systemClock } from '../../common/clock.ts'

const runOf = (operation: BackupRun['operation'], outcome: BackupOutcome): BackupRun => ({
  ...{ id: `${operation}-${outcome}`, cluster: 'pg-main', node: 'pg-main-1', operation, outcome },
  ...{ askedBy: 'schedule', slotMs: 1, startedMs: 1_000, finishedMs: 2_000, problem: null, message: '' },
  ...{ attempts: 1, label: null, repository: 1, sizeBytes: 1, storedBytes: 1, recoveryMs: null },
})

/** With something of everything. */
const report: BackupReport = {
  ...{ cluster: 'pg-main', node: 'pg-main-1', atMs: 1, engine: 'pgbackrest', engineVersion: '2.45' },
  ...{ stanza: 'pg-main', isRunner: true, runnerReason: '', next: [] },
  repositories: [
    {
      ...{
        repository: 1,
        where: '/r',
        isEncrypted: false,
        problem: null,
        reason: '',
        sizeBytes: 1,
        freeBytes: 1,
      },
      ...{ newestSegment: null, archivedMs: 1, gaps: [], spans: [{ fromMs: 1, toMs: 2, timeline: 1 }] },
    },
  ],
  sets: [
    {
      ...{
        label: 'F',
        type: 'full',
        repository: 1,
        startedMs: 1,
        finishedMs: 2,
        walStart: null,
        walStop: null,
      },
      ...{ sizeBytes: 1, storedBytes: 1, hasErrors: false, needs: [] },
    },
  ],
  archive: { waitingSegments: 1, waitingBytes: 1, failingSinceMs: 1, lastFailure: 'it failed' },
  runs: [
    runOf('full', 'done'),
    runOf('full', 'failed'),
    runOf('incr', 'missed'),
    runOf('drill', 'failed'),
    runOf('drill', 'done'),
  ],
  running: null,
}

const file = z.object({ groups: z.array(z.object({ rules: z.array(z.object({ expr: z.string() })) })) })
const expressions = ['rules/backup.yaml', 'rules/backup-figures.yaml'].flatMap((name) =>
  file
    .parse(parse(readFileSync(name, 'utf8')))
    .groups.flatMap(({ rules }) => rules.map(({ expr }) => expr))
    // What is recorded is not what agents have.
    .filter((expr) => !expr.includes('repository:backup_')),
)

/** The series that an agent has of a report, as `name` and its labels with their values. */
function emitted(): ReadonlyMap<string, readonly Readonly<Record<string, string>>[]> {
  const figures = [...backupFigures(() => [report]), ...drillFigures(() => [])]
  return new Map(
    figures.flatMap((figure) => {
      const { name } = figure
      const values = figure.read()
      return Array.isArray(values) && values.length > 0
        ? [[name, values.map(({ labels }: { labels: Readonly<Record<string, string>> }) => labels)] as const]
        : []
    }),
  )
}

test('every series of backups that a rule names is one that agents have, with the values of labels that it looks for', () => {
  const series = emitted()
  const selectors = expressions.flatMap((expr) => [...expr.matchAll(/(pgherd_\w+)(?:\{(.*?)\})?/g)])
  expect(selectors.length).toBeGreaterThan(expressions.length - 1)
  for (const [selector, name = '', matchers = ''] of selectors) {
    const wanted = [...matchers.matchAll(/(\w+)=~?"(.*?)"/g)]
    const fits = (series.get(name) ?? []).some((labels) =>
      wanted.every(([, label = '', pattern = '']) => new RegExp(`^(${pattern})$`).test(labels[label] ?? '')),
    )
    expect(fits, selector).toBe(true)
  }
})

test('every label that a rule groups by is there', () => {
  const series = emitted()
  for (const expr of expressions) {
    for (const [, list = '', name = ''] of expr.matchAll(/by \(([\w, ]+)\) \((pgherd_\w+)/g)) {
      const [labels = {}] = series.get(name) ?? []
      expect(Object.keys(labels), expr).toEqual(expect.arrayContaining(list.split(', ')))
    }
  }
})

test('the free bytes of file systems have the name that the rule about WAL asks for', async () => {
  const space = { bsize: 1, blocks: 1, bfree: 1, bavail: 1, files: 1, ffree: 1 }
  const read = createFilesystemReader({ statfs: () => Promise.resolve(space), clock: systemClock })
  const mount = { device: '/dev/sda', type: 'ext4', mountpoint: '/', readOnly: false, remote: false }
  const [table] = await read([mount], 1_000)
  expect(table?.metrics).toContain('node_filesystem_avail_bytes')
  expect(table?.labelNames).toContain('fstype')
})
