import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import type { Action } from '../../../agent/actions/action.ts'
import { startCommands } from '../../../agent/actions/commands.ts'
import type { Commands, CommandsOptions } from '../../../agent/actions/commands.ts'
import { openJournal } from '../../../agent/actions/journal/journal.ts'
import { createTargets } from '../../../agent/actions/targets.ts'
import type { Target } from '../../../agent/actions/targets.ts'
import { openTrustFiles } from '../../../agent/actions/trust.ts'
import type { ActionSession } from '../../../agent/postgres/action-session.ts'
import { openAuditChain } from '../../../common/audit/chain.ts'
import type { AuditEntry } from '../../../common/audit/entry.ts'
import type { Clock } from '../../../common/clock.ts'
import type { CommandPayload } from '../../../common/command/payload.ts'
import { printOperatorKey } from '../../../common/command/operator-key.ts'
import type { OperatorKey } from '../../../common/command/operator-key.ts'
import type { CommandResult } from '../../../common/command/result.ts'
import { silentLog } from '../../../common/log.ts'
import type { FileOperations } from '../../../common/spool/file-operations.ts'
import type { FromAgent } from '../../../common/wire/channel.ts'
import { commandPayloadAt } from '../../../testbed/command-payload.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { readEntries } from '../../common/audit/read-entries.ts'
import { createManualClock } from '../../manual-clock.ts'
import type { ManualClock } from '../../manual-clock.ts'

export const systemIdentifier = '7301234567890123456'
export const startMs = Date.parse('2026-03-04T10:00:00Z')

/** A host whose commands are real in all but its servers: keys, files, journal and audit are as in the agent. */
export interface Host extends AsyncDisposable {
  readonly directory: string
  readonly clock: ManualClock
  /** What actions were run, in order. */
  readonly ran: string[]
  /** What the collector was sent. */
  readonly sent: FromAgent[]
  readonly commands: Commands
  /** What the server tells when it is connected to. */
  server: { systemIdentifier: string | undefined }
  operators(...keys: readonly OperatorKey[]): Promise<void>
  policy(text: string): Promise<void>
  result(id: string): Promise<CommandResult>
  audit(): Promise<readonly AuditEntry[]>
  /** As after kill -9: what was not written is gone. */
  restart(): Promise<void>
  connect(): void
}

export async function startHost(
  options: { readonly actions?: readonly Action[]; readonly files?: FileOperations } & Partial<
    Pick<CommandsOptions, 'maxRunning' | 'maxWaiting'>
  > = {},
): Promise<Host> {
  const directory = await mkdtempDisposable(join(tmpdir(), 'pgherd-host-'))
  const clock = createManualClock(startMs)
  const ran: string[] = []
  const sent: FromAgent[] = []
  const server: Host['server'] = { systemIdentifier }
  const operatorsFile = join(directory.path, 'operators')
  const policyFile = join(directory.path, 'policy.yaml')
  const files = options.files === undefined ? {} : { files: options.files }
  let opened = new AsyncDisposableStack()
  let commands!: Commands
  let life = 0

  const open = async () => {
    const stack = new AsyncDisposableStack()
    const mine = life
    /** What slept when its agent was killed does not wake. */
    const mortal: Clock = {
      ...clock,
      async sleep(ms, signal) {
        await clock.sleep(ms, signal)
        if (life !== mine) await new Promise(() => undefined)
      },
    }
    const chain = stack.use(
      await openAuditChain({ path: join(directory.path, 'audit.jsonl'), clock, log: silentLog, ...files }),
    )
    const journal = stack.use(
      await openJournal({ path: join(directory.path, 'journal'), clock, log: silentLog, ...files }),
    )
    const actions = options.actions ?? recordingActions(ran)
    commands = await startCommands({
      ...options,
      node: 'pg-main-1',
      actions,
      agent: quietAgent,
      targets: createTargets([postgres(server), pooler], clock, silentLog),
      trust: openTrustFiles({
        operatorsFile,
        policyFile,
        kinds: [...actions.map(({ kind }) => kind), 'cancel'],
        userId: process.getuid?.() ?? 0,
        log: silentLog,
      }),
      journal,
      chain,
      clock: mortal,
      log: silentLog,
    })
    opened = stack
    host.connect()
  }
  const host: Host = {
    directory: directory.path,
    clock,
    ran,
    sent,
    server,
    get commands() {
      return commands
    },
    operators: (...keys) =>
      writeFile(operatorsFile, keys.map((key) => `${printOperatorKey(key)}\n`).join(''), { mode: 0o600 }),
    policy: (text) => writeFile(policyFile, text, { mode: 0o600 }),
    result: (id) =>
      waitFor(`the result of ${id}`, () => {
        const found = sent.findLast((message) => message.type === 'command-result' && message.id === id)
        return found?.type === 'command-result' ? found.result : undefined
      }),
    audit: () => readEntries(join(directory.path, 'audit.jsonl')),
    async restart() {
      commands.disconnected()
      life++
      await opened.disposeAsync()
      await open()
    },
    connect() {
      commands.connected((message) => {
        sent.push(message)
        if (message.type === 'command-result') commands.resultStored(message.id)
      })
    },
    async [Symbol.asyncDispose]() {
      await commands.stop()
      await opened.disposeAsync()
      await directory[Symbol.asyncDispose]()
    },
  }
  await open()
  return host
}

/** An agent that has nothing to tell of itself. */
export const quietAgent: CommandsOptions['agent'] = {
  version: '1',
  scrapeNow: () => Promise.resolve({ sources: 0, samples: 0 }),
  logLevel: () => 'info',
  setLogLevel: () => undefined,
  facts: () => ({}),
}

/** A payload that is right in everything for the host above: anna ends the sessions of a database. */
export function payloadAt(nowMs: number, of: Partial<CommandPayload> = {}): CommandPayload {
  return commandPayloadAt(nowMs, {
    kind: 'terminate',
    args: { database: 'app' },
    server: 'pg-main-1',
    system_identifier: systemIdentifier,
    reason: 'it blocks others',
    ...of,
  })
}

/** Four actions that write down that they were run. */
export function recordingActions(ran: string[]): readonly Action[] {
  const action = (kind: string, risk: Action['risk'], target: Action['target']): Action => ({
    kind,
    what: kind,
    risk,
    target,
    args: z.strictObject({ database: z.string().optional() }),
    deadlineMs: 1_000,
    examples: [],
    plan: () => Promise.resolve([`${kind} would be done`]),
    run(context, args) {
      ran.push(`${kind} ${JSON.stringify(args)}`)
      return Promise.resolve({ message: `${kind} on ${context.node} is done.`, output: [] })
    },
  })
  return [
    action('ping', 'read', 'node'),
    action('reload', 'change', 'server'),
    action('terminate', 'destructive', 'server'),
    action('pause', 'destructive', 'pooler'),
  ]
}

function postgres(server: Host['server']): Target {
  return {
    server: 'pg-main-1',
    kind: 'postgres',
    open: () => Promise.resolve({ ...noSession, systemIdentifier: server.systemIdentifier }),
  }
}
const pooler: Target = {
  server: 'pg-main-1-pool',
  kind: 'pgbouncer',
  open: () => Promise.resolve({ ...noSession, systemIdentifier: undefined }),
}
const unexpected = () => Promise.reject(new Error('not expected'))
const noSession: ActionSession = {
  versionNumber: 180_000,
  systemIdentifier: undefined,
  inRecovery: false,
  read: unexpected,
  change: unexpected,
  database: unexpected,
  [Symbol.asyncDispose]: () => Promise.resolve(),
}
