import { expect, test } from 'vitest'
import type { BackupPolicy } from '../../../../common/backup/backup-policy.ts'
import { fallbackNotes } from '../../../../agent/backup/policy/fallback-notes.ts'

const now = Date.parse('2026-11-27T10:00:00Z')
const minute = 60_000

const notesOf = (incr: string, of: Partial<BackupPolicy> = {}) =>
  fallbackNotes(
    {
      where: 'standby',
      fallbackAfterMs: 30 * minute,
      windowMs: 360 * minute,
      timeZone: 'UTC',
      schedules: { full: '0 1 * * sun', incr },
      ...of,
    } as BackupPolicy,
    now,
  )

test('backups that come more often than the primary waits for a standby are told', () => {
  expect(notesOf('*/15 * * * *')).toEqual([
    'A moment of incr may be over after 15m, which is not after fallback_after (30m): while no standby makes it, nobody does.',
  ])
})

test('those that leave the primary time are not, nor any where the primary makes them', () => {
  expect(notesOf('0 * * * *')).toEqual([])
  expect(notesOf('*/15 * * * *', { where: 'primary' })).toEqual([])
})
