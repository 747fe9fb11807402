import { expect, test } from 'vitest'
import { parseMatcher } from '../../../../common/alerts/matcher-text.ts'
import type { PostableSilence } from '../../../../common/alerts/silence.ts'
import type { AuditFact } from '../../../../common/audit/entry.ts'
import { openSilenceBook } from '../../../../collector/rules/silences/silence-book.ts'
import { createManualClock } from '../../../manual-clock.ts'
import { fleetDatabase } from './fleet-database.ts'

const hour = 3_600_000

function openBook(database = fleetDatabase(), clock = createManualClock(1_700_000_000_000)) {
  const facts: AuditFact[] = []
  let ids = 0
  const book = openSilenceBook({
    database,
    clock,
    audit: (fact) => Promise.resolve(void facts.push(fact)),
    newId: () => `id-${++ids}`,
  })
  return { book, clock, database, facts }
}

const at = (ms: number): string => new Date(1_700_000_000_000 + ms).toISOString()

function forHours(
  hours: number,
  matcher = 'cls="pg-main"',
  more: Partial<PostableSilence> = {},
): PostableSilence {
  return {
    matchers: matcher.split(', ').map(parseMatcher),
    startsAt: at(0),
    endsAt: at(hours * hour),
    createdBy: 'alice',
    comment: 'new disks',
    ...more,
  }
}

test('alerts that pass every matcher are silenced from the beginning of a silence to its end', async () => {
  const { book, clock } = openBook()
  await book.set(forHours(2, 'cls="pg-main", severity!="CRIT"', { startsAt: at(hour) }), 'alice')
  const labels = { cls: 'pg-main', severity: 'WARN' }
  expect(book.isSilenced(labels)).toBe(false)
  expect(book.list([])[0]?.status.state).toBe('pending')
  await clock.advance(hour)
  expect(book.isSilenced(labels)).toBe(true)
  expect(book.list([])[0]?.status.state).toBe('active')
  expect(book.isSilenced({ ...labels, severity: 'CRIT' })).toBe(false)
  expect(book.isSilenced({ ...labels, cls: 'pg-main-2' })).toBe(false)
  await clock.advance(hour)
  expect(book.isSilenced(labels)).toBe(false)
  expect(book.list([])[0]?.status.state).toBe('expired')
})

test('silences are still there after a restart', async () => {
  const { book, clock, database } = openBook()
  const id = await book.set(forHours(2, 'ins=~"pg-(a|b)"'), 'alice')
  const again = openBook(database, clock)
  expect(again.book.list([])).toEqual(book.list([]))
  expect(again.book.one(id)).toMatchObject({ comment: 'new disks', createdBy: 'alice' })
  expect(again.book.isSilenced({ ins: 'pg-b' })).toBe(true)
})

test('ending a silence takes effect at once, and a second time changes nothing', async () => {
  const { book, clock, facts } = openBook()
  const id = await book.set(forHours(2), 'alice')
  await clock.advance(60_000)
  await book.end(id, 'bob')
  await book.end(id, 'bob')
  expect(book.isSilenced({ cls: 'pg-main' })).toBe(false)
  expect(book.one(id)).toMatchObject({ status: { state: 'expired' }, endsAt: at(60_000) })
  expect(facts.map(({ event, who, what, why }) => ({ event, who, what, why }))).toEqual([
    { event: 'silence-set', who: 'alice', what: `cls="pg-main" until ${at(2 * hour)}`, why: 'new disks' },
    { event: 'silence-ended', who: 'bob', what: 'cls="pg-main", in the name of alice', why: 'new disks' },
  ])
})

test('nothing is silenced unless the audit has taken it', async () => {
  const clock = createManualClock(1_700_000_000_000)
  const book = openSilenceBook({
    database: fleetDatabase(),
    clock,
    audit: () => Promise.reject(new Error('the disk is full')),
    newId: () => 'x',
  })
  await expect(book.set(forHours(1), 'alice')).rejects.toThrow('the disk is full')
  expect(book.list([])).toEqual([])
})

test('a silence with the id of one that goes on changes it; one with the id of one that has ended is new', async () => {
  const { book, clock } = openBook()
  const id = await book.set(forHours(1), 'alice')
  expect(await book.set(forHours(3, 'cls="pg-main"', { id }), 'alice')).toBe(id)
  expect(book.one(id)?.endsAt).toBe(at(3 * hour))
  await clock.advance(4 * hour)
  expect(await book.set(forHours(6, 'cls="pg-main"', { id }), 'alice')).not.toBe(id)
  await expect(book.set(forHours(6, 'cls="pg-main"', { id: 'other' }), 'alice')).rejects.toMatchObject({
    code: 'NOT_FOUND',
  })
})

test('what has begun to be noisy is not silenced for the past', async () => {
  const { book } = openBook()
  const id = await book.set(forHours(1, 'cls="pg-main"', { startsAt: at(-hour) }), 'alice')
  expect(book.one(id)?.startsAt).toBe(at(0))
})

test.each([
  ['that has ended already', forHours(-1), 'has to end in the future'],
  [
    'that ends before it starts',
    forHours(1, 'a="b"', { startsAt: at(2 * hour) }),
    'has to end after it starts',
  ],
  ['for everything', forHours(1, 'cls=~".*"'), 'would silence everything'],
  ['with a regular expression that is none', forHours(1, 'cls=~"("'), '"(" is no regular expression'],
])('a silence %s is refused', async (_what, silence, message) => {
  const { book, facts } = openBook()
  await expect(book.set(silence, 'alice')).rejects.toMatchObject({
    code: 'BAD_DATA',
    message: expect.stringContaining(message) as string,
  })
  expect(facts).toEqual([])
})

test('the list is narrowed to silences that have the same matchers among theirs', async () => {
  const { book } = openBook()
  await book.set(forHours(1, 'cls="pg-main"'), 'alice')
  await book.set(forHours(1, 'cls="pg-test"'), 'alice')
  expect(book.list([parseMatcher('cls=pg-test')]).map(({ id }) => id)).toEqual(['id-2'])
  expect(book.list([parseMatcher('cls=~pg-.*')])).toEqual([])
  expect(book.list([parseMatcher('ins=x')])).toEqual([])
})

test('silences are forgotten five days after their end, on the disk as well', async () => {
  const { book, clock, database } = openBook()
  await book.set(forHours(1), 'alice')
  await clock.advance(5 * 24 * hour + 2 * hour)
  await book.set(forHours(500), 'alice')
  expect(book.list([]).map(({ id }) => id)).toEqual(['id-2'])
  expect(database.prepare('SELECT id FROM silences').all()).toEqual([{ id: 'id-2' }])
})
