import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { auditAnswer } from '../../../common/audit/entry.ts'
import type { AuditEntry } from '../../../common/audit/entry.ts'
import { commandsAnswer, sentCommands } from '../../../common/command/command-view.ts'
import type { CommandView } from '../../../common/command/command-view.ts'
import { printOperatorKey } from '../../../common/command/operator-key.ts'
import type { SignedCommand } from '../../../common/command/signed-command.ts'
import { startAgent, startCollector } from '../../../testbed/pgherd.ts'
import type { CollectorProcess, ExtraConfig, PgherdProcess } from '../../../testbed/pgherd.ts'
import { alice } from '../../collector/commands/commands.ts'

/** A collector and the agent of pg-main-1, which believes alice. */
export interface CommandHerd extends AsyncDisposable {
  readonly collector: CollectorProcess
  readonly agent: PgherdProcess
  readonly control: ControlClient
}

export interface ControlClient {
  /** What became of each; rejects where the collector did not answer. */
  send(commands: readonly SignedCommand[]): Promise<readonly { id: string | null; error: string | null }[]>
  /** As they are now. */
  views(ids: readonly string[]): Promise<readonly CommandView[]>
  audit(chain?: string): Promise<readonly AuditEntry[]>
}

export function controlClient(url: string): ControlClient {
  const post = async (path: string, body: object): Promise<unknown> => {
    const answer = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`)
    return answer.json()
  }
  return {
    send: async (commands) => sentCommands.parse(await post('/api/v1/commands', { commands })).data,
    async views(ids) {
      const all: CommandView[] = []
      for (let from = 0; from < ids.length; from += 500) {
        const some = { ids: ids.slice(from, from + 500), timeout_ms: 0 }
        all.push(...commandsAnswer.parse(await post('/api/v1/commands/wait', some)).data)
      }
      return all
    },
    async audit(chain = 'collector') {
      const all: AuditEntry[] = []
      for (;;) {
        const after = all.at(-1)?.seq ?? 0
        const page = new URLSearchParams({ chain, after: String(after), limit: '1000' })
        const answer = await fetch(`${url}/api/v1/audit?${page.toString()}`)
        const { entries } = auditAnswer.parse(await answer.json()).data
        if (entries.length === 0) return all
        all.push(...entries)
      }
    },
  }
}

/** A collector that agents of the test's own connect to. */
export function startLoneCollector(directory: string, extraConfig?: ExtraConfig): Promise<CollectorProcess> {
  return startCollector({
    directory: join(directory, 'collector'),
    extraConfig: { 'rules.files': [], ...extraConfig },
  })
}

export async function startCommandHerd(options: {
  readonly directory: string
  readonly postgresUrl?: string
  readonly policy?: string
  readonly collectorConfig?: ExtraConfig
  readonly agentConfig?: ExtraConfig
}): Promise<CommandHerd> {
  const { directory } = options
  const collector = await startLoneCollector(directory, options.collectorConfig)
  const operatorsFile = join(directory, 'operators')
  const policyFile = join(directory, 'policy.yaml')
  writeFileSync(operatorsFile, `${printOperatorKey(alice)}\n`, { mode: 0o600 })
  writeFileSync(policyFile, options.policy ?? 'rules: [{ kinds: [read, change] }]\n', { mode: 0o600 })
  try {
    const agent = await startAgent({
      directory: join(directory, 'agent'),
      cluster: 'pg-main',
      seq: 1,
      postgresUrl: options.postgresUrl ?? 'postgres://nobody@127.0.0.1:1/none',
      collectorUrl: collector.url,
      extraConfig: {
        'actions.operators_file': operatorsFile,
        'actions.policy_file': policyFile,
        ...options.agentConfig,
      },
    })
    return {
      collector,
      agent,
      control: controlClient(collector.url),
      async [Symbol.asyncDispose]() {
        await agent[Symbol.asyncDispose]()
        await collector[Symbol.asyncDispose]()
      },
    }
  } catch (error) {
    await collector[Symbol.asyncDispose]()
    throw error
  }
}
