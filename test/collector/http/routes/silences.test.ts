import { describe, expect, test } from 'vitest'
import type { PostableSilence, Silence } from '../../../../common/alerts/silence.ts'
import { PgherdError } from '../../../../common/errors.ts'
import type { HttpDependencies } from '../../../../collector/http/dependencies.ts'
import { openSilenceBook } from '../../../../collector/rules/silences/silence-book.ts'
import { systemClock } from '../../../../common/clock.ts'
import { findProgram } from '../../../../testbed/find-program.ts'
import { runCommand } from '../../../../testbed/run-command.ts'
import { fleetDatabase } from '../../rules/silences/fleet-database.ts'
import { bearer, startTrustingServer } from '../auth/trusting.ts'
import { startServer } from '../test-server.ts'

const given: PostableSilence = {
  matchers: [{ name: 'cls', value: 'pg-main', isRegex: false, isEqual: true }],
  startsAt: '2030-01-01T00:00:00Z',
  endsAt: '2030-01-01T02:00:00+00:00',
  createdBy: 'alice',
  comment: 'new disks',
}
const shown: Silence = {
  ...given,
  id: 'the-id',
  status: { state: 'active' },
  updatedAt: '2030-01-01T00:00:00Z',
}

function silencesOf(asked: unknown[]): HttpDependencies['silences'] {
  return {
    list: (filters) => Promise.resolve((asked.push(['list', filters]), [shown])),
    one: (id) => Promise.resolve(id === 'the-id' ? shown : undefined),
    set: (silence, by) => Promise.resolve((asked.push(['set', silence, by]), 'the-id')),
    end: (id, by) =>
      id === 'the-id'
        ? Promise.resolve(void asked.push(['end', id, by]))
        : Promise.reject(new PgherdError('NOT_FOUND', `there is no silence "${id}"`)),
  }
}

describe('silences over HTTP', () => {
  test('are answered bare, as Alertmanager does, and narrowed by its filters', async () => {
    const asked: unknown[] = []
    const server = await startServer({ silences: silencesOf(asked) })
    const url = '/api/v2/silences?filter=cls%3D%22pg-main%22&filter=ins%3D~x'
    expect((await server.inject({ url })).json()).toEqual([shown])
    expect(asked).toEqual([
      [
        'list',
        [
          { name: 'cls', value: 'pg-main', isRegex: false, isEqual: true },
          { name: 'ins', value: 'x', isRegex: true, isEqual: true },
        ],
      ],
    ])
    expect((await server.inject({ url: '/api/v2/silence/the-id' })).json()).toEqual(shown)
    expect((await server.inject({ url: '/api/v2/silence/other' })).statusCode).toBe(404)
    expect((await server.inject({ url: '/api/v2/silences?filter=x' })).statusCode).toBe(400)
  })

  test('viewers look at them, operators set and end them, and the audit learns whose token it was', async () => {
    const asked: unknown[] = []
    const { server, tokenOf } = await startTrustingServer({ silences: silencesOf(asked) })
    const [viewer, operator] = [bearer(await tokenOf('viewer')), bearer(await tokenOf('operator'))]
    const set = { method: 'POST', url: '/api/v2/silences', payload: given } as const
    const end = { method: 'DELETE', url: '/api/v2/silence/the-id' } as const
    expect((await server.inject({ url: '/api/v2/silences', headers: viewer })).statusCode).toBe(200)
    expect((await server.inject({ ...set, headers: viewer })).statusCode).toBe(403)
    expect((await server.inject({ ...end, headers: viewer })).statusCode).toBe(403)
    expect(asked).toEqual([['list', []]])
    const answer = await server.inject({ ...set, headers: operator })
    expect(answer.json()).toEqual({ silenceID: 'the-id' })
    const ending = await server.inject({ ...end, headers: operator })
    expect([ending.statusCode, ending.body]).toEqual([200, ''])
    expect(asked.slice(1)).toEqual([
      ['set', given, 'the-operator'],
      ['end', 'the-id', 'the-operator'],
    ])
  })

  test.each([
    ['without matchers', { ...given, matchers: [] }, 'matchers'],
    ['with a time that is none', { ...given, endsAt: 'tomorrow' }, 'endsAt'],
    ['without a comment', { ...given, comment: undefined }, 'comment'],
  ])('one %s is refused with what is wrong', async (_what, payload, where) => {
    const server = await startServer({ silences: silencesOf([]) })
    const answer = await server.inject({ method: 'POST', url: '/api/v2/silences', payload })
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({
      errorType: 'bad_data',
      error: expect.stringContaining(where) as string,
    })
  })

  test('a page of another site cannot silence anything', async () => {
    const server = await startServer({ silences: silencesOf([]) })
    const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }
    const answer = await server.inject({ method: 'POST', url: '/api/v2/silences', payload: given, headers })
    expect(answer.statusCode).toBe(403)
  })
})

const amtool = findProgram('amtool')

test.skipIf(amtool === undefined)(
  'a real amtool sets, lists and ends silences that the collector keeps',
  { timeout: 30_000 },
  async () => {
    let ids = 0
    const book = openSilenceBook({
      database: fleetDatabase(),
      clock: systemClock,
      audit: () => Promise.resolve(),
      newId: () => `00000000-0000-4000-8000-00000000000${++ids}`,
    })
    const server = await startServer({
      silences: {
        list: (filters) => Promise.resolve(book.list(filters)),
        one: (id) => Promise.resolve(book.one(id)),
        set: (silence, by) => book.set(silence, by),
        end: (id, by) => book.end(id, by),
      },
    })
    const { url } = await server.listen({ host: '127.0.0.1', port: 0 })
    const run = async (...argv: string[]): Promise<string> => {
      const { status, stdout, stderr } = await runCommand(amtool!, [...argv, `--alertmanager.url=${url}`])
      expect(status, stderr).toBe(0)
      return stdout
    }
    const added = await run(
      'silence',
      'add',
      'cls=pg-main',
      'severity!=CRIT',
      '--comment=disks',
      '--duration=2h',
    )
    expect(added.trim()).toBe('00000000-0000-4000-8000-000000000001')
    expect(book.isSilenced({ cls: 'pg-main', severity: 'WARN' })).toBe(true)
    expect(await run('silence', 'query', 'cls=pg-main')).toContain('severity!="CRIT"')
    await run('silence', 'expire', added.trim())
    expect(book.isSilenced({ cls: 'pg-main', severity: 'WARN' })).toBe(false)
  },
)
