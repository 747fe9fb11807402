/**
 * Agents without a PostgreSQL, many in one process: real WebSockets with client certificates, hello, heartbeats, and commands
 * whose signatures are verified before they are answered. Started by bench/channel.ts, which sends what it is to be.
 */
import { Agent } from 'node:https'
import { WebSocket } from 'ws'
import { createBackoff } from '../../common/backoff.ts'
import { systemClock } from '../../common/clock.ts'
import { withDigest } from '../../common/command/digest.ts'
import { parseOperatorKey } from '../../common/command/operator-key.ts'
import { commandPayload } from '../../common/command/payload.ts'
import { isSignedBy } from '../../common/command/sign.ts'
import { clusterOf } from '../../common/trust/agent-name.ts'
import { fromCollector } from '../../common/wire/channel.ts'
import type { FromAgent } from '../../common/wire/channel.ts'

export interface SimulatorOrder {
  readonly url: string
  readonly ca: string
  readonly key: string
  /** Line of an operators file. */
  readonly operator: string
  readonly agents: readonly { readonly node: string; readonly certificate: string }[]
}

const heartbeatMs = 15_000

process.once('message', (order: SimulatorOrder) => {
  const operator = parseOperatorKey(order.operator)
  for (const agent of order.agents) void keepConnected(order, agent, operator)
})
process.on('disconnect', () => process.exit())

async function keepConnected(
  order: SimulatorOrder,
  { node, certificate }: SimulatorOrder['agents'][number],
  operator: ReturnType<typeof parseOperatorKey>,
): Promise<void> {
  const backoff = createBackoff({ firstMs: 1_000, maxMs: 60_000 })
  const agent = new Agent({ ca: order.ca, cert: certificate, key: order.key })
  for (;;) {
    const socket = new WebSocket(order.url, { agent, perMessageDeflate: false })
    await new Promise<void>((resolve) => {
      const say = (message: FromAgent) => {
        if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message))
      }
      let heartbeat: NodeJS.Timeout | undefined
      socket.on('open', () => {
        heartbeat = setInterval(() => say({ type: 'ping', id: 'heartbeat' }), heartbeatMs)
        const cluster = clusterOf(node)
        say({
          type: 'hello',
          protocol: 1,
          node,
          cluster,
          ip: '127.0.0.1',
          version: '0.1.0',
          nowMs: Date.now(),
        })
        say({ type: 'servers', servers: [{ server: node, kind: 'postgres', systemIdentifier: '7000' }] })
        say({ type: 'actions', actions: catalogue })
      })
      socket.on('message', (data) => {
        backoff.reset()
        const message = fromCollector.parse(JSON.parse(data.toString()))
        if (message.type === 'ping') {
          say({ type: 'pong', id: message.id, nowMs: Date.now(), version: '0.1.0' })
        }
        if (message.type !== 'command') return
        const { payload, signatures } = message.command
        const isSigned = signatures.some((signature) => isSignedBy(payload, signature, operator))
        const { id } = commandPayload.parse(JSON.parse(payload))
        say({ type: 'command-received', id })
        say({ type: 'command-started', id, atMs: Date.now() })
        const finishedMs = Date.now()
        const outcome = isSigned ? 'done' : 'refused'
        const rest = { message: `${node} is there`, steps: [], output: [], startedMs: finishedMs, finishedMs }
        say({ type: 'command-result', id, result: withDigest({ outcome, ...rest }) })
      })
      socket.on('error', () => undefined)
      socket.on('close', () => {
        clearInterval(heartbeat)
        resolve()
      })
    })
    await systemClock.sleep(backoff.next())
  }
}

/** As large as that of a real agent: some twenty actions with their arguments. */
const catalogue = Array.from({ length: 22 }, (_, i) => ({
  kind: `action-${i}`,
  what: 'What it does, in one line of usual length for a person to read.',
  risk: 'read' as const,
  target: 'server' as const,
  args: {
    type: 'object',
    properties: Object.fromEntries(
      ['database', 'schema', 'table', 'limit'].map((name) => [name, { type: 'string', description: name }]),
    ),
    additionalProperties: false,
  },
  deadlineMs: 10_000,
  examples: [`agentctl run action-${i} -n pg-main-1`],
}))
