import { expect, test } from 'vitest'
import { describePoint } from '../../../../agent/backup/drill/recovery-point.ts'

const place = { lsn: '0/5000110', timeline: 2 }
const stopped = (text: string) => ({
  text: `recovery stopping ${text}, time 2026-11-27 09:00:01+00`,
  xid: null,
  lsn: null,
  atMs: null,
})
const pointOf = (commitMs: number | null, text: string | null) =>
  describePoint({ ...place, commitMs, stop: text === null ? null : stopped(text) })
const commitMs = Date.parse('2026-11-27T09:00:00.123Z')

test('a point is told by its last commit, with where it is', () => {
  expect(pointOf(commitMs, 'before commit of transaction 740')).toBe(
    'the commit of 2026-11-27 09:00:00.123+00 (LSN 0/5000110, timeline 2, before commit of transaction 740)',
  )
  expect(pointOf(commitMs, null)).toBe('the commit of 2026-11-27 09:00:00.123+00 (LSN 0/5000110, timeline 2)')
})

test('one without a commit since the backup is told by what it stopped at', () => {
  expect(pointOf(null, 'before commit of transaction 727')).toBe(
    'the point before commit of transaction 727, without a commit since the backup (LSN 0/5000110, timeline 2)',
  )
})

test('one that nothing was replayed for is the end of the backup', () => {
  expect(pointOf(null, null)).toBe('the end of the backup (LSN 0/5000110, timeline 2)')
  expect(pointOf(null, 'after reaching consistency')).toBe(
    'the end of the backup (LSN 0/5000110, timeline 2)',
  )
})
