import type { FastifyInstance, FastifyRequest } from 'fastify'
import {
  commandState,
  addSignature,
  sendCommands,
  waitForCommands,
} from '../../../common/command/command-view.ts'
import type { CommandState } from '../../../common/command/command-view.ts'
import { PgherdError } from '../../../common/errors.ts'
import type { ApiContext } from '../api-context.ts'
import { actorOf } from '../auth/principal.ts'
import { clientGone } from '../client-gone.ts'
import { readBody } from '../json-body.ts'
import { readInteger, readParameters, readWord } from '../request-parameters.ts'
import type { RequestParameters } from '../request-parameters.ts'
import { requireSameOrigin } from '../same-origin.ts'

type OneCommand = FastifyRequest<{ Params: { id: string } }>

const viewer = { config: { role: 'viewer' } } as const
const operator = { config: { role: 'operator' } } as const

/** A thousand commands of usual size, or a hundred of the largest. */
const maxBodyBytes = 8 << 20

const listLimit = { min: 1, max: 1_000, fallback: 100 }

/** Commands under /api/v1/commands; common/command/command-view.ts has their shapes. */
export function addCommands(app: FastifyInstance, { deps }: ApiContext): void {
  const { commands } = deps
  app.post('/api/v1/commands', { ...operator, bodyLimit: maxBodyBytes }, async (request) => {
    requireSameOrigin(request)
    const body = readBody(sendCommands, request)
    const data = await commands.send({
      commands: body.commands,
      signaturesNeeded: body.signatures_needed,
      requestedBy: actorOf(request),
    })
    return { status: 'success', data }
  })
  app.get('/api/v1/commands', viewer, (request) => {
    const parameters = readParameters(request)
    const node = parameters.one('node')
    const kind = parameters.one('kind')
    const state = readState(parameters)
    const data = commands.list({
      ...(node === undefined ? {} : { node }),
      ...(kind === undefined ? {} : { kind }),
      ...(state === undefined ? {} : { state }),
      limit: readInteger(parameters, 'limit', listLimit),
    })
    return { status: 'success', data }
  })
  // Reads, although what it waits for is too long for a URL.
  app.post('/api/v1/commands/wait', viewer, async (request, reply) => {
    requireSameOrigin(request)
    const { ids, after, timeout_ms: timeoutMs } = readBody(waitForCommands, request)
    const gone = clientGone(reply)
    const data = await commands.wait({ ids, after, timeoutMs }, gone)
    gone.throwIfAborted()
    return { status: 'success', data }
  })
  app.get('/api/v1/commands/:id', viewer, ({ params: { id } }: OneCommand) => ({
    status: 'success',
    data: known(commands.one(id), id),
  }))
  app.get('/api/v1/commands/:id/signed', viewer, ({ params: { id } }: OneCommand) => ({
    status: 'success',
    data: known(commands.signed(id), id),
  }))
  app.post('/api/v1/commands/:id/signatures', operator, async (request: OneCommand) => {
    requireSameOrigin(request)
    const { id } = request.params
    await commands.approve(id, readBody(addSignature, request), actorOf(request))
    return { status: 'success', data: known(commands.one(id), id) }
  })
}

/** GET /api/v1/nodes/:node/actions: what commands its agent knows. */
export function addNodeActions(app: FastifyInstance, { deps }: ApiContext): void {
  app.get(
    '/api/v1/nodes/:node/actions',
    viewer,
    ({ params }: FastifyRequest<{ Params: { node: string } }>) => ({
      status: 'success',
      data: deps.commands.actionsOf(params.node),
    }),
  )
}

function known<T>(found: T | undefined, id: string): T {
  if (found === undefined) throw new PgherdError('NOT_FOUND', `there is no command "${id.slice(0, 64)}"`)
  return found
}

function readState(parameters: RequestParameters): CommandState | undefined {
  const text = parameters.one('state')
  return text === undefined ? undefined : readWord('state', text, commandState.options)
}
