import { expect, onTestFinished, test } from 'vitest'
import { parseMatcher } from '../../../../common/alerts/matcher-text.ts'
import type { PostableSilence } from '../../../../common/alerts/silence.ts'
import type { AuditFact } from '../../../../common/audit/entry.ts'
import { createAlertmanagerClient } from '../../../../collector/rules/notify/alertmanager-client.ts'
import { createRemoteSilences } from '../../../../collector/rules/silences/remote-silences.ts'
import { startAlertmanager } from '../../../../testbed/alertmanager.ts'
import { findProgram } from '../../../../testbed/find-program.ts'

const isInstalled = findProgram('prometheus-alertmanager', 'alertmanager') !== undefined
const signal = new AbortController().signal

function silencesOf(...urls: readonly string[]) {
  const facts: AuditFact[] = []
  const clients = urls.map((url) => createAlertmanagerClient({ url }))
  onTestFinished(() => {
    for (const client of clients) client[Symbol.dispose]()
  })
  const audit = (fact: AuditFact) => Promise.resolve(void facts.push(fact))
  return { silences: createRemoteSilences({ clients, audit }), facts }
}

const hour = 3_600_000
const forHours = (hours: number, matcher: string): PostableSilence => ({
  matchers: [parseMatcher(matcher)],
  startsAt: new Date().toISOString(),
  endsAt: new Date(Date.now() + hours * hour).toISOString(),
  createdBy: 'alice',
  comment: 'new disks',
})

test.skipIf(!isInstalled)(
  'silences of a real Alertmanager are set, found, narrowed and ended, although the first address is dead',
  { timeout: 30_000 },
  async () => {
    await using alertmanager = await startAlertmanager()
    const { silences, facts } = silencesOf('http://127.0.0.1:1', alertmanager!.url)
    const id = await silences.set(forHours(2, 'ins=~"pg-\\\\d+ ü"'), 'the-operator', signal)
    await silences.set(forHours(1, 'cls!="pg-test"'), 'the-operator', signal)
    expect(await silences.list([], signal)).toHaveLength(2)
    const [found] = await silences.list([parseMatcher('ins=~"pg-\\\\d+ ü"')], signal)
    expect(found).toMatchObject({
      id,
      status: { state: 'active' },
      createdBy: 'alice',
      comment: 'new disks',
      matchers: [{ name: 'ins', value: 'pg-\\d+ ü', isRegex: true, isEqual: true }],
    })
    await silences.end(id, 'the-operator', signal)
    await silences.end(id, 'the-operator', signal)
    expect((await silences.one(id, signal))?.status.state).toBe('expired')
    expect(facts.map(({ event, who }) => `${event} ${who}`)).toEqual([
      'silence-set the-operator',
      'silence-set the-operator',
      'silence-ended the-operator',
    ])
  },
)

test.skipIf(!isInstalled)(
  'what a real Alertmanager refuses is said in its words',
  { timeout: 30_000 },
  async () => {
    await using alertmanager = await startAlertmanager()
    const { silences } = silencesOf(alertmanager!.url)
    await expect(silences.set(forHours(-1, 'a=b'), 'x', signal)).rejects.toMatchObject({
      code: 'BAD_DATA',
      message: expect.stringMatching(/the Alertmanager refuses: .*past|time/) as string,
    })
    await expect(silences.end('not-there', 'x', signal)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    const unknown = '7b1d5b0a-0000-4000-8000-000000000000'
    expect(await silences.one(unknown, signal)).toBeUndefined()
    await expect(silences.end(unknown, 'x', signal)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  },
)

test('without an Alertmanager that answers it is said which were asked', async () => {
  const { silences } = silencesOf('http://127.0.0.1:1', 'http://127.0.0.2:1')
  await expect(silences.list([], signal)).rejects.toMatchObject({
    code: 'UNREACHABLE',
    message: expect.stringMatching(/127\.0\.0\.1:1.*127\.0\.0\.2:1/) as string,
  })
})
