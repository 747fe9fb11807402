import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { userInfo, tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { printOperatorKey } from '../../../common/command/operator-key.ts'
import { generateSigningKey } from '../../../common/command/private-key.ts'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { runAgentctl } from '../run-agentctl.ts'

const silence = (id: string, state: string, more: object = {}) => ({
  id,
  status: { state },
  matchers: [{ name: 'cls', value: 'pg-main', isRegex: false, isEqual: true }],
  startsAt: '2023-11-14T22:00:00.000Z',
  endsAt: '2023-11-14T23:15:00.000Z',
  updatedAt: '2023-11-14T22:00:00.000Z',
  createdBy: 'alice',
  comment: 'new disks',
  ...more,
})

/** A collector that answers as Alertmanager's API does: bare lists, and nothing to a DELETE. */
async function silencesOf(list: readonly unknown[]) {
  const asked: { readonly call: string; readonly body: unknown }[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (part: Buffer) => (body += part.toString()))
    request.on('end', () => {
      asked.push({
        call: `${request.method ?? ''} ${request.url ?? ''}`,
        body: body === '' ? null : JSON.parse(body),
      })
      response.setHeader('content-type', 'application/json')
      if (request.method === 'DELETE') response.end()
      else response.end(JSON.stringify(request.method === 'POST' ? { silenceID: 'the-id' } : list))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

describe('agentctl silence add', () => {
  test('silences what passes the matchers, for two hours unless told, in the name of the key', async () => {
    const home = mkdtempSync(join(tmpdir(), 'pgherd-silence-'))
    onTestFinished(() => rmSync(home, { recursive: true }))
    mkdirSync(join(home, 'pgherd'))
    const keyFile = join(home, 'pgherd', 'key')
    writeFileSync(`${keyFile}.pub`, `${printOperatorKey(generateSigningKey('carol'))}\n`)
    const { url, asked } = await silencesOf([])
    const argv = ['--key-file', keyFile, 'silence', 'add', 'PostgresDown', 'cls=~"pg-.*"', 'severity!=CRIT']
    const { out, warnings, error } = await runAgentctl(argv, { url, home })
    expect({ error, out }).toEqual({ error: undefined, out: 'the-id' })
    expect(asked).toEqual([
      {
        call: 'POST /api/v2/silences',
        body: {
          matchers: [
            { name: 'alertname', value: 'PostgresDown', isRegex: false, isEqual: true },
            { name: 'cls', value: 'pg-.*', isRegex: true, isEqual: true },
            { name: 'severity', value: 'CRIT', isRegex: false, isEqual: false },
          ],
          startsAt: '2023-11-14T22:15:00.000Z',
          endsAt: '2023-11-15T00:15:00.000Z',
          createdBy: 'carol',
          comment: 'by agentctl',
        },
      },
    ])
    expect(warnings.join()).toContain('until 2023-11-15 00:15:00 UTC')
  })

  test('takes how long, why and who; without a key it is the user on this machine', async () => {
    const { url, asked } = await silencesOf([])
    await runAgentctl(['silence', 'add', 'cls=a', '--for', '30m', '--comment', 'new disks'], { url })
    await runAgentctl(['silence', 'add', 'cls=a', '--by', 'dave'], { url })
    expect(asked.map(({ body }) => body)).toMatchObject([
      { endsAt: '2023-11-14T22:45:00.000Z', comment: 'new disks', createdBy: userInfo().username },
      { createdBy: 'dave' },
    ])
  })

  test.each([
    [['silence', 'add'], "missing required argument 'matcher'"],
    [['silence', 'add', 'a b=c'], 'is no matcher; allowed: name=value'],
    [['silence', 'add', 'cls=a', '--for', 'soon'], 'allowed: 1m to 365d, such as 2h'],
  ])('%j is wrong usage', async (argv, message) => {
    const { error } = await runAgentctl(argv, { url: 'http://127.0.0.1:1' })
    expect(error).toMatchObject({ exit: 2, message: expect.stringContaining(message) as string })
  })
})

const list = [
  silence('5f2c-a', 'active'),
  silence('5f2d-b', 'pending', { createdBy: 'bob' }),
  silence('77', 'expired'),
]

describe('agentctl silence list', () => {
  test('shows those that are active or will be', async () => {
    const { url } = await silencesOf(list)
    expect((await runAgentctl(['silence', 'list'], { url })).out).toMatchInlineSnapshot(`
      "ID      STATE        ENDS  MATCHERS       BY     COMMENT
      5f2c-a  active   in 1h00m  cls="pg-main"  alice  new disks
      5f2d-b  pending  in 1h00m  cls="pg-main"  bob    new disks"
    `)
    expect((await runAgentctl(['silence', 'list', '--all'], { url })).out.split('\n')).toHaveLength(4)
    const { out } = await runAgentctl(['-o', 'json', 'silence', 'list'], { url })
    expect(JSON.parse(out)).toEqual(list.slice(0, 2))
  })

  test('says so where there are none', async () => {
    const { url } = await silencesOf(list.slice(2))
    expect((await runAgentctl(['silence', 'list'], { url })).out).toBe('nothing is silenced')
  })
})

describe('agentctl silence expire', () => {
  test('ends those that begin like this', async () => {
    const { url, asked } = await silencesOf(list)
    const { out, error } = await runAgentctl(['silence', 'expire', '5f2c', '5f2d-b'], { url })
    expect({ error, out }).toEqual({ error: undefined, out: 'ended: cls="pg-main"\nended: cls="pg-main"' })
    expect(asked.slice(1).map(({ call }) => call)).toEqual([
      'DELETE /api/v2/silence/5f2c-a',
      'DELETE /api/v2/silence/5f2d-b',
    ])
  })

  test('what somebody wrote into a matcher cannot speak to the terminal', async () => {
    const matchers = [{ name: 'ins', value: '\u001b]0;x\u0007', isRegex: false, isEqual: true }]
    const { url } = await silencesOf([{ ...list[0]!, matchers }])
    const { out } = await runAgentctl(['silence', 'expire', list[0]!.id], { url })
    expect(out).toBe('ended: ins="\\u001b]0;x\\u0007"')
  })

  test.each([
    ['5f2', 2, '2 silences begin with 5f2: say more of it'],
    ['77', 1, '77 has expired already'],
    ['xyz', 1, 'xyz is none'],
  ])('%s ends none', async (id, exit, message) => {
    const { url, asked } = await silencesOf(list)
    const { error } = await runAgentctl(['silence', 'expire', id], { url })
    expect(error).toMatchObject({ exit, message: expect.stringContaining(message) as string })
    expect(asked).toHaveLength(1)
  })
})
