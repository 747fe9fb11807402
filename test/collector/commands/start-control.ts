import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { openAuditChain } from '../../../common/audit/chain.ts'
import type { AuditEntry, AuditFact } from '../../../common/audit/entry.ts'
import { systemClock } from '../../../common/clock.ts'
import type { Clock } from '../../../common/clock.ts'
import { silentLog } from '../../../common/log.ts'
import { createControl } from '../../../collector/commands/control.ts'
import type { Control, ControlOptions } from '../../../collector/commands/control.ts'
import { openFleet } from '../../../collector/fleet/fleet.ts'
import type { Fleet } from '../../../collector/fleet/fleet.ts'
import { connectAgent } from './fake-agent.ts'
import type { FakeAgent } from './fake-agent.ts'

export interface TestControl extends AsyncDisposable {
  readonly control: Control
  readonly fleet: Fleet
  readonly connect: (node: string) => FakeAgent
  readonly audit: () => Promise<readonly AuditEntry[]>
  readonly append: (fact: AuditFact) => Promise<AuditEntry>
}

export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-control-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** The control of a collector with its real database and audit; started again on a directory, it finds what it had. */
export async function startControl(
  directory = temporaryDirectory(),
  options: {
    readonly clock?: Clock
    readonly audit?: Partial<ControlOptions['audit']>
    readonly onAgentEntry?: ControlOptions['onAgentEntry']
  } = {},
): Promise<TestControl> {
  const clock = options.clock ?? systemClock
  const fleet = openFleet({ path: join(directory, 'fleet.sqlite'), clock })
  const chain = await openAuditChain({ path: join(directory, 'audit.jsonl'), clock, log: silentLog })
  const control = createControl({
    database: fleet.database,
    audit: {
      append: (fact) => chain.append(fact),
      read: (after, limit) => chain.read(after, limit),
      get head() {
        return chain.head
      },
      ...options.audit,
    },
    clock,
    log: silentLog,
    isKnownNode: (node) => fleet.nodes.has(node),
    onHello: (hello) => fleet.nodes.hello(hello),
    onSeen: (node) => fleet.nodes.seen(node),
    onGone: (node) => fleet.nodes.gone(node),
    onServers: () => undefined,
    ...(options.onAgentEntry === undefined ? {} : { onAgentEntry: options.onAgentEntry }),
  })
  let ended = false
  const started: TestControl = {
    control,
    fleet,
    connect: (node) => connectAgent(control.hub, node, clock.now()),
    audit: () => chain.read(0, 10_000),
    append: (fact) => chain.append(fact),
    async [Symbol.asyncDispose]() {
      if (ended) return
      ended = true
      await control[Symbol.asyncDispose]()
      await chain[Symbol.asyncDispose]()
      fleet[Symbol.dispose]()
    },
  }
  onTestFinished(() => started[Symbol.asyncDispose]())
  return started
}
