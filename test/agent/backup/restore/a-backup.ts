import type { BackupEngine, EngineListing } from '../../../../agent/backup/engine.ts'
import type { RestoreIntoAsked } from '../../../../agent/backup/restore/restore-plan.ts'
import type { BackupSet } from '../../../../common/backup/backup-report.ts'

/** A full backup of 100 MiB. */
export const aBackup: BackupSet = {
  ...{ label: '20261127-120000F', type: 'full', repository: 1, hasErrors: false, needs: [] },
  startedMs: Date.parse('2026-11-27T12:00:00Z'),
  finishedMs: Date.parse('2026-11-27T12:01:00Z'),
  ...{ sizeBytes: 100 * 2 ** 20, storedBytes: 1, walStart: null, walStop: null },
}

export const aListing: EngineListing = {
  ...{ version: '2.45', sets: [aBackup], systemIdentifier: '1' },
  repositories: [
    {
      ...{ repository: 1, where: '/backup', isEncrypted: false, problem: null, reason: '' },
      ...{ sizeBytes: 1, freeBytes: 1, segments: [], archivedMs: null, gaps: [], spans: [] },
    },
  ],
}

/** An engine that has this one backup. */
export function engineWith(restore: BackupEngine['restore']): BackupEngine {
  return {
    kind: 'pgbackrest',
    list: () => Promise.resolve(aListing),
    backup: () => Promise.reject(new Error('not asked for')),
    verify: () => Promise.resolve({ problems: [], summary: '' }),
    expire: () => Promise.resolve([]),
    prepare: () => Promise.resolve(),
    choose: () => Promise.resolve(aBackup),
    restore,
  }
}

export const askedInto = (directory: string): RestoreIntoAsked => ({
  directory,
  target: { kind: 'latest' },
  isExclusive: false,
  action: 'promote',
})
