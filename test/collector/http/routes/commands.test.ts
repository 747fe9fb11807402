import { expect, test } from 'vitest'
import { commandAnswer, commandsAnswer, sentCommands } from '../../../../common/command/command-view.ts'
import { auditAnswer } from '../../../../common/audit/entry.ts'
import { auditService, commandService } from '../../../../collector/control.ts'
import { alice, bob, command, result } from '../../commands/commands.ts'
import { startControl } from '../../commands/start-control.ts'
import { signPayload } from '../../../../common/command/sign.ts'
import { startServer } from '../test-server.ts'

/** The routes on a real control, with one agent that does what the test says. */
async function start() {
  const lab = await startControl()
  const agent = lab.connect('pg-main-1')
  const server = await startServer({
    commands: commandService(lab.control, lab.fleet),
    audit: auditService(lab.control),
  })
  const ask = async (method: 'GET' | 'POST', url: string, payload?: object) => {
    const answer = await server.inject({ method, url, ...(payload === undefined ? {} : { payload }) })
    return { status: answer.statusCode, body: answer.json<unknown>() }
  }
  return { ...lab, agent, ask }
}

test('commands are sent, waited for, read and listed', async () => {
  const { agent, ask } = await start()
  const { id, ...wanted } = command()
  const sent = await ask('POST', '/api/v1/commands', {
    commands: [wanted, { ...wanted, payload: 'nonsense' }],
  })
  expect(sentCommands.parse(sent.body).data).toMatchObject([
    { id, state: 'queued' },
    { id: null, state: null },
  ])
  const first = commandsAnswer.parse((await ask('POST', '/api/v1/commands/wait', { ids: [id] })).body)
  const { version } = first.data[0]!
  const next = ask('POST', '/api/v1/commands/wait', { ids: [id], after: version })
  agent.say({ type: 'command-result', id, result: result() })
  expect(commandsAnswer.parse((await next).body).data).toMatchObject([{ id, state: 'done' }])
  expect(commandAnswer.parse((await ask('GET', `/api/v1/commands/${id}`)).body).data).toMatchObject({
    operator: 'alice',
    requestedBy: 'anonymous',
    result: result(),
  })
  const list = await ask('GET', '/api/v1/commands?node=pg-main-1&state=done&limit=5')
  expect(commandsAnswer.parse(list.body).data).toMatchObject([{ id }])
})

test('a second operator reads what the first has signed, and signs it', async () => {
  const { agent, ask } = await start()
  const { id, ...wanted } = command()
  await ask('POST', '/api/v1/commands', { commands: [wanted], signatures_needed: 2 })
  expect((await ask('GET', `/api/v1/commands/${id}/signed`)).body).toMatchObject({ data: wanted })
  const signature = signPayload(wanted.payload, bob)
  expect((await ask('POST', `/api/v1/commands/${id}/signatures`, signature)).body).toMatchObject({
    data: { state: 'queued', keys: [alice.id, bob.id] },
  })
  expect(agent.all('command')).toHaveLength(1)
})

test('the audit of the collector and the chains there are', async () => {
  const { ask } = await start()
  const { id, ...wanted } = command()
  await ask('POST', '/api/v1/commands', { commands: [wanted] })
  const { data } = auditAnswer.parse((await ask('GET', '/api/v1/audit?limit=1')).body)
  expect(data).toMatchObject({
    chains: ['collector'],
    entries: [{ seq: 1, event: 'requested', command: id }],
  })
  expect((await ask('GET', '/api/v1/audit?chain=collector&after=1')).body).toMatchObject({
    data: { entries: [] },
  })
})

test('what an agent can do, once it has told', async () => {
  const { agent, ask } = await start()
  const action = {
    kind: 'ping',
    what: 'Answers.',
    risk: 'read',
    target: 'node',
    args: {},
    deadlineMs: 1,
    examples: [],
  }
  expect(await ask('GET', '/api/v1/nodes/pg-main-1/actions')).toMatchObject({ status: 503 })
  agent.say({ type: 'actions', actions: [action] })
  expect((await ask('GET', '/api/v1/nodes/pg-main-1/actions')).body).toMatchObject({ data: [action] })
})

const unknown = command().id

test.each([
  ['a command that is not there', 'GET', `/api/v1/commands/${unknown}`, undefined, 404],
  ['its text', 'GET', `/api/v1/commands/${unknown}/signed`, undefined, 404],
  ['waiting for it', 'POST', '/api/v1/commands/wait', { ids: [unknown] }, 404],
  ['signing it', 'POST', `/api/v1/commands/${unknown}/signatures`, signPayload('{}', bob), 404],
  ['an audit that is not there', 'GET', '/api/v1/audit?chain=pg-other-1', undefined, 404],
  ['actions of no node', 'GET', '/api/v1/nodes/pg-other-1/actions', undefined, 404],
  ['no commands', 'POST', '/api/v1/commands', { commands: [] }, 400],
  ['a state that is none', 'GET', '/api/v1/commands?state=gone', undefined, 400],
  ['a limit beyond all', 'GET', '/api/v1/commands?limit=100000', undefined, 400],
  ['no signature', 'POST', `/api/v1/commands/${unknown}/signatures`, { key: 'x' }, 400],
] as const)('%s is an error', async (_what, method, url, payload, status) => {
  const { ask } = await start()
  expect(await ask(method, url, payload)).toMatchObject({ status, body: { status: 'error' } })
})
