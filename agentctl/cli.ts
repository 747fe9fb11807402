import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { PgherdError } from '../common/errors.ts'
import { parseDuration } from '../common/config/kinds.ts'
import { createHttpClient } from '../common/http-client.ts'
import { version } from '../common/version.ts'
import { createCollectorClient } from './client.ts'
import type { CollectorClient } from './client.ts'
import { nodes } from './commands/nodes.ts'
import { ping } from './commands/ping.ts'
import { query } from './commands/query.ts'
import type { Terminal } from './terminal.ts'

export interface CliEnvironment {
  readonly argv: readonly string[]
  /** $PGHERD_COLLECTOR_URL */
  readonly collectorUrl: string | undefined
  readonly terminal: Terminal
  readonly now: () => number
  warn(line: string): void
}

const examples = `
Examples:
  agentctl nodes
  agentctl query 'sum by (ins) (rate(pg_db_xact_commit[1m]))'
  agentctl query --json 'up == 0'
  agentctl ping pg-main-1

Exit status: 0 done, 1 failed, 2 wrong usage or query, 3 refused, 4 unreachable, 5 timed out.`

/**
 * Runs one command line.
 * @throws PgherdError whose exit status is the one documented in --help
 */
export async function runCli(environment: CliEnvironment): Promise<void> {
  const { terminal } = environment
  const program = new Command('agentctl')
    .description('Asks a pgherd collector about the herd and steers it.')
    .version(version, '--version', 'print the version and exit')
    .helpOption('--help', 'print this help and exit')
    .option(
      '--collector <url>',
      'the collector [$PGHERD_COLLECTOR_URL]',
      collectorUrl,
      environment.collectorUrl ?? 'http://127.0.0.1:8432',
    )
    .addOption(
      new Option('--timeout <duration>', 'longest wait for an answer')
        .default(30_000, '30s')
        .argParser(timeout),
    )
    .addHelpText('after', examples)
    .exitOverride()
    .configureOutput({ writeOut: (text) => terminal.print(text.trimEnd()), writeErr: () => undefined })

  const withClient = async (work: (client: CollectorClient) => Promise<void>): Promise<void> => {
    const { collector, timeout: timeoutMs } = program.opts<{ collector: string; timeout: number }>()
    const url = usableUrl(collector)
    if (url === undefined) {
      throw new PgherdError('USAGE', `$PGHERD_COLLECTOR_URL is "${collector}"; allowed: ${allowedUrl}`)
    }
    using http = createHttpClient()
    await work(createCollectorClient({ http, url, timeoutMs }))
  }
  program
    .command('nodes')
    .description('list every node: server up or down, role, agent, age of the newest sample')
    .option('--json', 'print JSON', false)
    .action(({ json }: { json: boolean }) =>
      withClient((client) => nodes(client, terminal, { json, nowMs: environment.now() })),
    )
  program
    .command('query')
    .description('evaluate a PromQL expression once and print the result')
    .argument('<expr>', "the expression, such as 'up == 0'")
    .option('--at <time>', 'evaluate at this time (RFC 3339 or unix seconds) instead of now')
    .option('--json', "print JSON as in Prometheus' API", false)
    .action((expression: string, { at, json }: { at?: string; json: boolean }) =>
      withClient((client) =>
        query(client, terminal, { expression, at, json, warn: (line) => environment.warn(line) }),
      ),
    )
  program
    .command('ping')
    .description('ask the agent of a node for a sign of life')
    .argument('<node>', 'name of the node, such as pg-main-1')
    .option('--json', 'print JSON', false)
    .action((node: string, { json }: { json: boolean }) =>
      withClient((client) => ping(client, terminal, { node, json })),
    )
  for (const command of program.commands) command.exitOverride().copyInheritedSettings(program)

  try {
    await program.parseAsync(environment.argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return
    if (error.code === 'commander.help') {
      terminal.print(program.helpInformation().trimEnd())
      throw new PgherdError('USAGE', 'a command is missing', { cause: error })
    }
    throw new PgherdError('USAGE', `${error.message.replace(/^error: /, '')} (see agentctl --help)`, {
      cause: error,
    })
  }
}

const allowedUrl = 'an http:// or https:// URL without ? and #'

function usableUrl(given: string): string | undefined {
  const usable = /^https?:\/\/[^?#]+$/.test(given) && URL.canParse(given)
  return usable ? given.replace(/\/+$/, '') : undefined
}

function collectorUrl(given: string): string {
  const url = usableUrl(given)
  if (url === undefined) throw new InvalidArgumentError(`allowed: ${allowedUrl}`)
  return url
}

function timeout(given: string): number {
  const ms = parseDuration(given)
  if (ms !== undefined && ms > 0) return ms
  throw new InvalidArgumentError('allowed: a duration such as 500ms, 10s or 1m')
}
