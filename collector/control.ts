import type { AuditChain } from '../common/audit/chain.ts'
import type { Clock } from '../common/clock.ts'
import { PgherdError } from '../common/errors.ts'
import type { Log } from '../common/log.ts'
import type { Figure } from '../common/self-metrics.ts'
import type { HelloMessage, ServersMessage } from '../common/wire/channel.ts'
import { collectorChain, createControl } from './commands/control.ts'
import type { Control } from './commands/control.ts'
import type { BackupBook } from './backups/backup-book.ts'
import type { Fleet } from './fleet/fleet.ts'
import type { InsightIntake } from './insight/intake.ts'
import { createAgentEvents } from './fleet/agent-events.ts'
import { agentActed } from './fleet/agent-acted.ts'
import { factEvent } from './fleet/fact-event.ts'
import type { KnownNode } from './node-views.ts'
import type { Topology } from './topology/topology.ts'
import type { AuditService, CommandService } from './http/command-service.ts'

/** The agents' channels and commands, on the fleet's state. */
export function openControl(
  fleet: Fleet,
  options: {
    readonly topology: Topology
    readonly backups: BackupBook
    readonly insight: InsightIntake
    readonly audit: AuditChain
    readonly clock: Clock
    readonly log: Log
    /** Aborts before the channels are ended. */
    readonly signal: AbortSignal
  },
): Control {
  const { audit, clock, log, topology, backups, insight } = options
  const { nodes, events } = fleet
  const agentEvents = createAgentEvents((event) => events.add(event), options.signal)
  return createControl({
    database: fleet.database,
    audit: {
      get head() {
        return audit.head
      },
      read: (...given) => audit.read(...given),
      async append(fact) {
        const entry = await audit.append(fact)
        const event = factEvent(fact)
        if (event !== undefined) events.add(event)
        return entry
      },
    },
    clock,
    log,
    isKnownNode: (node) => nodes.has(node),
    onHello(hello: HelloMessage) {
      nodes.hello(hello)
      agentEvents.connected(hello)
      topology.connected(hello)
    },
    onSeen: (node) => nodes.seen(node),
    onGone(node) {
      nodes.gone(node)
      agentEvents.gone(node)
      topology.away(node)
    },
    onServers: (node: string, servers: ServersMessage['servers']) => nodes.setServers(node, servers),
    onHealth: (node, message) => topology.take(node, message),
    onBackup: (node, report) => backups.take(node, report),
    onInsight: (node, report) => insight.take(node, report),
    onAgentEntry(node, entry) {
      const event = agentActed(node, entry)
      if (event !== undefined) events.add(event)
    },
  })
}

/** What the fleet and the copies of the audits know of the nodes. */
export function knownNodes(fleet: Fleet, control: Control): KnownNode[] {
  return fleet.nodes.list().map((node) => ({ ...node, auditBreaks: control.mirror.breaks(node.node) }))
}

export function commandService(control: Control, fleet: Fleet): CommandService {
  const { relay } = control
  return {
    send: (request) => relay.queue.send(request),
    approve: (...given) => relay.queue.approve(...given),
    one: (id) => relay.views.one(id),
    list: (query) => relay.views.list(query),
    signed: (id) => relay.views.signed(id),
    wait: (request, signal) => relay.wait(request, signal),
    actionsOf(node) {
      const actions = control.actionsOf(node)
      if (actions !== undefined) return actions
      if (!fleet.nodes.has(node)) throw new PgherdError('NOT_FOUND', `no node is called "${node}"`)
      throw new PgherdError('UNREACHABLE', `the agent of ${node} has never told what it can do`)
    },
  }
}

export function auditService(control: Control): AuditService {
  return {
    chains: () => [collectorChain, ...control.mirror.chains()],
    newest: (chain) => control.newestAudit(chain),
    read: (...given) => control.readAudit(...given),
  }
}

/** Channels, commands and audits for /metrics. */
export function controlFigures(
  control: Control,
  fleet: Fleet,
  audit: Pick<AuditChain, 'findings'>,
): readonly Figure[] {
  const hub = () => control.hub.stats()
  const reports = () => control.relay.reports.stats()
  return [
    { name: 'pgherd_nodes_connected', help: 'Open agent channels.', read: () => hub().connectedNodes },
    {
      name: 'pgherd_nodes_clock_skewed',
      help: 'Connected nodes whose clock differs from the collector by more than 30 s.',
      read: () => fleet.nodes.skewed(),
    },
    {
      name: 'pgherd_channel_refused_messages_total',
      help: 'What agents sent and was not understood.',
      label: 'reason',
      read: () => ({ bad: hub().badFrames, unknown: hub().unknownMessages }),
    },
    {
      name: 'pgherd_channel_closed_total',
      help: 'Channels that the collector ended or did not take.',
      label: 'reason',
      read: () => ({
        replaced: hub().replacedConnections,
        refused: hub().refusedConnections,
        idle: hub().idleConnections,
      }),
    },
    {
      name: 'pgherd_commands',
      help: 'Commands without a result.',
      label: 'state',
      read: () => control.relay.underWay(),
    },
    {
      name: 'pgherd_commands_finished_total',
      help: 'Results that have come since the start.',
      label: 'outcome',
      read: () => reports().finished,
    },
    {
      name: 'pgherd_commands_refused_reports_total',
      help: 'What agents reported and was not taken: about a foreign or an unknown command, a second result, a false digest.',
      label: 'reason',
      read: () => {
        const { foreignReports, unknownResults, conflictingResults, falseDigests } = reports()
        return {
          foreign: foreignReports,
          unknown: unknownResults,
          conflicting: conflictingResults,
          digest: falseDigests,
        }
      },
    },
    {
      name: 'pgherd_events_dropped_total',
      help: 'Events of the fleet that were not kept: the disk was full, or too many came at once.',
      read: () => fleet.events.dropped(),
    },
    {
      name: 'pgherd_audit_findings',
      help: "What is wrong with the collector's audit, the first hundred as of the start, and with its copies of agents' audits.",
      label: 'chain',
      read: () => ({
        ...Object.fromEntries(control.mirror.broken()),
        [collectorChain]: audit.findings.length,
      }),
    },
    {
      name: 'pgherd_audit_copied_entries_total',
      help: "Entries of agents' audits that were copied since the start.",
      read: () => control.mirror.stats().entries,
    },
    {
      name: 'pgherd_audit_breaks_total',
      help: "Where an agent's audit did not continue as it had begun, since the start.",
      label: 'kind',
      read: () => ({ ...control.mirror.stats().breaks }),
    },
  ]
}
