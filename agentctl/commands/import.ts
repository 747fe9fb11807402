import { readFileSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { Option } from 'commander'
import type { Command } from 'commander'
import { PgherdError, messageOf } from '../../common/errors.ts'
import { readKnownPasswords } from '../../common/known-passwords/known-passwords.ts'
import { joinTokenAnswer } from '../../common/wire/tokens.ts'
import type { CliContext } from '../context.ts'
import { lifetime } from '../lifetime.ts'
import { carryOutPlan } from '../pigsty/carry-out-plan.ts'
import { enrolledNodes } from '../pigsty/enrolled-nodes.ts'
import { maxInventoryBytes } from '../pigsty/inventory-text.ts'
import { readInventory } from '../pigsty/inventory.ts'
import { planFleet } from '../pigsty/plan.ts'
import { showPlan } from '../pigsty/show-plan.ts'

const dayMs = 86_400_000

interface ImportOptions {
  readonly plan: boolean
  readonly out: string
  readonly lifetime: number
  readonly collectorForAgents?: string
}

/** `agentctl import pigsty`: a whole fleet is enrolled as its inventory has it. */
export function addImport(program: Command, context: CliContext): void {
  const parent = program
    .command('import')
    .description('enrol a whole fleet from what describes it already')
    .addHelpText(
      'after',
      `
Examples:
  agentctl import pigsty pigsty.yml --plan
  agentctl import pigsty pigsty.yml --out fleet

Exit status: 0 done, 1 failed, 2 wrong usage or an inventory that cannot be read, 3 refused, 4 unreachable, 5 timed out.`,
    )
  parent
    .command('pigsty')
    .description(
      "enrol the hosts of Pigsty's inventory: a join token, agent.yaml and a backup policy for each",
    )
    .argument('<file>', 'pigsty.yml')
    .option('--plan', 'show what would be made and what should be looked at, and change nothing', false)
    .option('--out <directory>', 'where the files are written, a folder for each host', 'pgherd-fleet')
    .option(
      '--collector-for-agents <url>',
      'how agents reach the collector, where that differs from --collector',
    )
    .addOption(
      new Option('--lifetime <duration>', 'how long the join tokens are good')
        .default(dayMs, '1d')
        .argParser(lifetime('1m to 7d', 60_000, 7 * dayMs)),
    )
    .addHelpText(
      'after',
      `
Variables have the precedence of Ansible; templates are told and not evaluated. No secret of the inventory is printed or written. Hosts that are
enrolled are left alone, and so is what an earlier call has written.

Examples:
  agentctl import pigsty pigsty.yml --plan
  agentctl -o json import pigsty pigsty.yml --plan | jq '.questions'
  agentctl import pigsty pigsty.yml --out fleet --collector-for-agents https://10.10.10.10:8432

Exit status: 0 done, 1 failed, 2 wrong usage or an inventory that cannot be read, 3 refused, 4 unreachable, 5 timed out.`,
    )
    .action((file: string, options: ImportOptions) => importPigsty(context, file, options))
}

async function importPigsty(context: CliContext, file: string, options: ImportOptions): Promise<void> {
  const inventory = readInventory(readText(file), basename(file))
  const collector = options.collectorForAgents ?? context.settings().collector
  const notes: string[] = []
  const enrolled = await enrolledNodes(context.client()).catch((error: unknown) => {
    if (!options.plan || !(error instanceof PgherdError)) throw error
    notes.push(`Which hosts are enrolled already is not known: ${error.message}`)
    return undefined
  })
  const plan = planFleet(inventory, {
    file: basename(file),
    collector,
    enrolled,
    known: readKnownPasswords(),
  })
  if (options.plan) {
    showPlan(context, plan, ({ skipped }) => ({ state: skipped ?? 'would be enrolled' }), [
      ...notes,
      'Nothing was changed.',
    ])
    return
  }
  const outcomes = await carryOutPlan(plan, {
    directory: options.out,
    nowMs: context.clock.now(),
    async offer(node) {
      const path = `/api/v1/nodes/${encodeURIComponent(node)}/join-token`
      const json = { lifetime_ms: options.lifetime }
      return (await context.client().call('POST', path, joinTokenAnswer, { json })).data
    },
    lineFor: ({ token }) => joinLine(collector, token),
  })
  showPlan(
    context,
    plan,
    (host) => outcomes.get(host) ?? { state: host.skipped ?? '' },
    outcomes.size === 0
      ? ['No host was to be enrolled.']
      : [
          `On each host, as root: put agent.yaml to /etc/pgherd/, then run the line in enrol.sh. The folders are in ${options.out}.`,
          'The lines have join tokens, each good once: keep them as you keep passwords.',
        ],
  )
}

/** As the agent's own user, whose key it will be; the token goes through a pipe, so that it is in no list of processes. */
function joinLine(collector: string, token: string): string {
  const url = collector.startsWith('https:') ? collector : 'https://<collector>:8432'
  const join = `sudo -u pgherd-agent pgherd-agent join '${url}' - --config /etc/pgherd/agent.yaml`
  return `echo '${token}' | ${join} && sudo systemctl enable --now pgherd-agent`
}

/** @throws PgherdError CONFIG_INVALID */
function readText(file: string): string {
  try {
    const stats = statSync(file)
    if (!stats.isFile() || stats.size > maxInventoryBytes) {
      throw new PgherdError('CONFIG_INVALID', `${file}: was no file of at most ${maxInventoryBytes} bytes`)
    }
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof PgherdError) throw error
    throw new PgherdError('CONFIG_INVALID', `${file}: ${messageOf(error)}`)
  }
}
