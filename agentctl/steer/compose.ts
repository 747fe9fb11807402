import { randomBytes, randomUUID } from 'node:crypto'
import type { ActionDescription } from '../../common/command/action-description.ts'
import type { CommandPayload } from '../../common/command/payload.ts'
import { PgherdError } from '../../common/errors.ts'
import type { NodeView } from '../../common/wire/nodes.ts'

/** One place where a command runs. */
export interface Target {
  readonly node: string
  readonly server: string | null
  readonly systemIdentifier: string | null
}

/**
 * The places on the selected nodes where an action can run: the node, or those of its servers or poolers that are meant.
 * @param server ins label, when one of several is meant
 * @throws PgherdError NOT_FOUND where there is none, USAGE where it is not clear which one, UNREACHABLE where its agent has not reached it yet
 */
export function targetsOf(
  nodes: readonly NodeView[],
  action: ActionDescription,
  server: string | undefined,
): readonly Target[] {
  if (action.target === 'node') {
    return nodes.map(({ node }) => ({ node, server: null, systemIdentifier: null }))
  }
  const kind = action.target === 'server' ? 'postgres' : 'pgbouncer'
  const word = action.target === 'server' ? 'PostgreSQL server' : 'pgBouncer'
  return nodes.map(({ node, servers }) => {
    const fitting = servers.filter(
      (one) => one.kind === kind && (server === undefined || one.server === server),
    )
    const [first, ...others] = fitting
    if (first === undefined) {
      throw new PgherdError(
        'NOT_FOUND',
        `${node} has no ${word}${server === undefined ? '' : ` called ${server}`} that its agent knows of`,
      )
    }
    if (others.length > 0) {
      const names = fitting.map((one) => one.server).join(', ')
      throw new PgherdError('USAGE', `${node} has several (${names}); allowed: --server <name>`)
    }
    if (kind === 'postgres' && first.systemIdentifier === null) {
      throw new PgherdError(
        'UNREACHABLE',
        `the agent on ${node} has not told the system identifier of ${first.server} yet, which a command has to name: it does within seconds of reaching the server, so try again in a moment`,
      )
    }
    return { node, server: first.server, systemIdentifier: first.systemIdentifier }
  })
}

/** What is signed for one target: everything that was decided, and nothing that can be used twice. */
export function composePayload(options: {
  readonly action: Pick<ActionDescription, 'kind' | 'deadlineMs'>
  readonly args: Readonly<Record<string, unknown>>
  readonly mode: CommandPayload['mode']
  readonly target: Target
  readonly operator: string
  readonly reason: string
  readonly nowMs: number
  readonly lifetimeMs: number
  readonly deadlineMs: number | undefined
}): CommandPayload {
  const { action, target, nowMs } = options
  return {
    v: 1,
    id: randomUUID(),
    kind: action.kind,
    args: { ...options.args },
    mode: options.mode,
    node: target.node,
    server: target.server,
    system_identifier: target.systemIdentifier,
    operator: options.operator,
    reason: options.reason,
    issued_ms: nowMs,
    expires_ms: nowMs + options.lifetimeMs,
    deadline_ms: options.deadlineMs ?? action.deadlineMs,
    nonce: randomBytes(16).toString('base64url'),
  }
}
