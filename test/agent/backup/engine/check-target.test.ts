import { expect, test } from 'vitest'
import { checkTarget } from '../../../../agent/backup/engine/check-target.ts'

const nowMs = Date.parse('2026-11-27T12:00:00Z')
const time = (atMs: number) => ({ kind: 'time', atMs, text: new Date(atMs).toISOString() }) as const

test.each([
  ['a time to come', time(nowMs + 1), '2026-11-27T12:00:00.001Z is in the future'],
  ['what is no LSN', { kind: 'lsn', value: '7000060' } as const, '7000060 is no LSN, such as 0/3000060'],
  ['what is no transaction', { kind: 'xid', value: '-1' } as const, '-1 is no transaction id'],
  [
    'a name of two lines',
    { kind: 'name', value: 'x\ny' } as const,
    'the name of a restore point has no control characters',
  ],
  [
    'a name of blanks',
    { kind: 'name', value: '  ' } as const,
    'the name of a restore point is more than blanks',
  ],
])('%s is refused, whatever backups there are', (_, target, message) => {
  expect(() => checkTarget(target, nowMs)).toThrow(
    expect.objectContaining({ problem: 'target-unreachable', message }),
  )
})

test.each([
  time(nowMs),
  { kind: 'lsn', value: '0/7000060' },
  { kind: 'xid', value: '731' },
  { kind: 'name', value: `it's "it"` },
  { kind: 'latest' },
] as const)('$kind may be looked for', (target) => {
  expect(() => checkTarget(target, nowMs)).not.toThrow()
})
