import { describe, expect, test } from 'vitest'
import { serverAway } from '../../../../../agent/backup/restore/in-place/server-away.ts'
import { messageOf, PgherdError } from '../../../../../common/errors.ts'

const byHand = {
  cluster: 'pg-main',
  node: 'pg-main-1',
  data: '/data/pg',
  hasPatroni: false,
  hasDirectory: true,
}
const unavailable = (sqlstate?: string) =>
  new PgherdError('POSTGRES_UNAVAILABLE', 'cannot connect to PostgreSQL at 127.0.0.1:5432: ECONNREFUSED', {
    details: sqlstate === undefined ? {} : { sqlstate },
  })

/** Where each step is in the text, in the order of the steps. */
function placesIn(text: string, steps: readonly string[]): readonly number[] {
  return steps.map((step) => text.indexOf(step))
}

describe('a restore in place of a server that is down', () => {
  test('is refused with why, and with the steps to exchange the directories by hand, in their order', () => {
    const text = messageOf(serverAway(unavailable(), byHand))
    expect(text).toContain('127.0.0.1:5432: ECONNREFUSED')
    const places = placesIn(text, [
      'agentctl backup restore pg-main --into /data/pg.restored --node pg-main-1',
      'pg_ctl stop -D /data/pg',
      'cp -p /data/pg/*.conf /data/pg.restored/',
      'mv /data/pg /data/pg.before',
      'mv /data/pg.restored /data/pg',
      'start it',
    ])
    expect(Math.min(...places)).toBeGreaterThan(0)
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    expect(text).not.toContain('Patroni')
  })

  test('says of one with Patroni to pause it before anything is stopped, and to resume it at the end', () => {
    const text = messageOf(serverAway(unavailable(), { ...byHand, hasPatroni: true }))
    const places = placesIn(text, ['ha pause pg-main', 'pg_ctl stop', 'ha restart', 'ha resume', 'ha reinit'])
    expect(Math.min(...places)).toBeGreaterThan(0)
    expect(places).toEqual(places.toSorted((a, b) => a - b))
  })

  test('whose data directory is gone is restored to where that was', () => {
    const text = messageOf(serverAway(unavailable(), { ...byHand, hasDirectory: false }))
    expect(text).toContain('agentctl backup restore pg-main --into /data/pg --node pg-main-1')
    expect(text).toContain('remove the line archive_mode from /data/pg/postgresql.auto.conf')
    expect(text).not.toContain('mv ')
  })

  test('is told so also where the server still starts up or does not answer in time', () => {
    const late = new PgherdError('TIMED_OUT', 'no answer in 5 s')
    for (const error of [unavailable('57P03'), late])
      expect(serverAway(error, byHand)).toMatchObject({ problem: 'server-unreachable' })
  })

  test('and one that answers and refuses keeps its own words', () => {
    const error = unavailable('28P01')
    expect(serverAway(error, byHand)).toBe(error)
  })
})
