import type { DatabaseSync } from 'node:sqlite'
import type { AuditEntry } from '../../common/audit/entry.ts'
import type { ActionDescription } from '../../common/command/action-description.ts'
import type { BackupReport } from '../../common/backup/backup-report.ts'
import type { Clock } from '../../common/clock.ts'
import type { HealthMessage } from '../../common/health/instance-health.ts'
import type { ReceivedReport } from '../../common/insight/insight-report.ts'
import type { Log } from '../../common/log.ts'
import type { FromCollector, HelloMessage, ServersMessage } from '../../common/wire/channel.ts'
import { createActionCatalogues } from './action-catalogues.ts'
import { createAnchoring } from './anchoring.ts'
import { createAuditMirror } from './audit-mirror.ts'
import type { AuditMirror } from './audit-mirror.ts'
import { openCatalogueStore } from './catalogue-store.ts'
import { createChannelHub } from './channel-hub.ts'
import type { ChannelHub, HubLimits } from './channel-hub.ts'
import { createCommandRelay } from './command-relay.ts'
import type { CommandRelay } from './command-relay.ts'
import type { AgentMessage } from './connection.ts'
import type { CollectorAudit } from './journal.ts'
import { openMirrorStore } from './mirror-store.ts'
import { createSkewWatch } from './skew-watch.ts'

/** The agents' channels, and what goes over them: pings, commands, and both audits. */
export interface Control extends AsyncDisposable {
  readonly hub: ChannelHub
  readonly relay: CommandRelay
  readonly mirror: AuditMirror
  /** What a node's agent can do, as it told last; undefined until it has told once. */
  actionsOf(node: string): readonly ActionDescription[] | undefined
  /** Different catalogues of actions. */
  catalogues(): number
  /** The number of a chain's last entry; 0 where it is empty, or not there. */
  newestAudit(chain: string): number
  /** Entries of a chain after one of them: `collector`, or one of `mirror.chains()`. Undefined for no such chain. */
  readAudit(chain: string, afterSeq: number, limit: number): Promise<readonly AuditEntry[] | undefined>
}

export interface ControlOptions {
  /** The fleet's; its migrations have made the tables. */
  readonly database: DatabaseSync
  readonly audit: CollectorAudit
  readonly clock: Clock
  readonly log: Log
  readonly isKnownNode: (node: string) => boolean
  /** What it throws is the reason for which the agent is turned away. */
  readonly onHello: (hello: HelloMessage) => void
  readonly onSeen: (node: string) => void
  readonly onGone: (node: string) => void
  readonly onServers: (node: string, servers: ServersMessage['servers']) => void
  readonly onHealth?: (node: string, message: HealthMessage) => void
  readonly onBackup?: (node: string, report: BackupReport) => void
  /** @returns whether the agent need not keep it any longer */
  readonly onInsight?: (node: string, report: ReceivedReport) => boolean
  /** Once for each entry of an agent's audit. */
  readonly onAgentEntry?: (node: string, entry: AuditEntry) => void
  readonly limits?: Partial<HubLimits>
}

/** The chain of the collector itself. */
export const collectorChain = 'collector'

export function createControl(options: ControlOptions): Control {
  const { clock, log, audit, database } = options
  const skew = createSkewWatch(clock, log)
  const receive = (node: string, message: AgentMessage) => {
    switch (message.type) {
      case 'servers':
        options.onServers(node, message.servers)
        return
      case 'actions':
        catalogues.set(node, message.actions)
        return
      case 'audit':
        mirror.take(node, message.entries)
        return
      case 'health':
        options.onHealth?.(node, message)
        return
      case 'backup':
        options.onBackup?.(node, message.report)
        return
      case 'insight':
        if (options.onInsight?.(node, message.report) === true) {
          send(node, { type: 'insight-stored', ids: [message.report.id] })
        }
        return
      default:
        relay.reports.take(node, message)
    }
  }
  const hub = createChannelHub({
    clock,
    log,
    isKnown: options.isKnownNode,
    onHello(hello) {
      options.onHello(hello)
      skew.check(hello)
    },
    onConnected(node) {
      mirror.connected(node)
      anchoring.connected(node)
      relay.connected(node)
    },
    onMessage: receive,
    onSeen: options.onSeen,
    onGone: options.onGone,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  })
  const send = (node: string, message: FromCollector) => hub.send(node, message)
  const disconnect = (node: string, reason: string) => hub.disconnect(node, reason)
  const relay = createCommandRelay({
    database,
    audit,
    clock,
    log,
    isKnownNode: options.isKnownNode,
    send,
    disconnect,
  })
  const catalogues = createActionCatalogues(openCatalogueStore(database), {
    journal: relay.journal,
    log,
  })
  const mirror = createAuditMirror({
    clock,
    log,
    store: openMirrorStore(database),
    journal: relay.journal,
    send,
    disconnect,
    onAdvanced: (node) => anchoring.advanced(node),
    onEntry: (node, entry) => options.onAgentEntry?.(node, entry),
  })
  const anchoring = createAnchoring({
    clock,
    log,
    audit,
    send,
    connectedNodes: () => hub.connectedNodes(),
    headOf: (node) => mirror.position(node),
  })

  return {
    hub,
    relay,
    mirror,
    actionsOf: (node) => catalogues.get(node),
    catalogues: () => catalogues.size,
    newestAudit: (chain) => (chain === collectorChain ? audit.head.seq : (mirror.position(chain)?.seq ?? 0)),
    async readAudit(chain, afterSeq, limit) {
      if (chain === collectorChain) return audit.read(afterSeq, limit)
      return mirror.read(chain, afterSeq, limit)
    },
    async [Symbol.asyncDispose]() {
      mirror[Symbol.dispose]()
      await hub[Symbol.asyncDispose]()
      await relay[Symbol.asyncDispose]()
      await anchoring[Symbol.asyncDispose]()
    },
  }
}
