import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { parseDuration } from '../common/config/kinds.ts'
import { PgherdError } from '../common/errors.ts'
import { createHttpClient } from '../common/http-client.ts'
import { version } from '../common/version.ts'
import { createCollectorClient } from './client.ts'
import { addActions } from './commands/actions.ts'
import { addAlerts } from './commands/alerts.ts'
import { addApprove } from './commands/approve.ts'
import { addAsh } from './commands/ash.ts'
import { addAudit } from './commands/audit.ts'
import { addCancel } from './commands/cancel.ts'
import { addClusters } from './commands/clusters.ts'
import { addCommands } from './commands/commands.ts'
import { addCompletion } from './commands/completion.ts'
import { addConfig } from './commands/config.ts'
import { addDdl } from './commands/ddl.ts'
import { addEnroll } from './commands/enroll.ts'
import { addEvents } from './commands/events.ts'
import { addBackup } from './commands/backup.ts'
import { addHa } from './commands/ha.ts'
import { addIndex } from './commands/index.ts'
import { addImport } from './commands/import.ts'
import { addKey } from './commands/key.ts'
import { addNodes } from './commands/nodes.ts'
import { addPing } from './commands/ping.ts'
import { addQueries } from './commands/queries.ts'
import { addQuery } from './commands/query.ts'
import { addRevoke } from './commands/revoke.ts'
import { addRules } from './commands/rules.ts'
import { addRun } from './commands/run.ts'
import { addShow } from './commands/show.ts'
import { addSilence } from './commands/silence.ts'
import { addTokens } from './commands/tokens.ts'
import { addTune } from './commands/tune.ts'
import { addWatch } from './commands/watch.ts'
import { addWatchdog } from './commands/watchdog.ts'
import { addWrites } from './commands/writes.ts'
import { outputFormats } from './context.ts'
import type { CliContext, OutputFormat } from './context.ts'
import { allowedUrl, isUsableUrl, resolveSettings } from './settings.ts'
import type { Settings } from './settings.ts'
import type { Terminal } from './terminal.ts'
import { helpWidth, wrapHelp } from './wrap-help.ts'

/** The world around one call. */
export interface CliEnvironment extends Pick<
  CliContext,
  'terminal' | 'clock' | 'environment' | 'signal' | 'warn' | 'status' | 'ask' | 'openScreen' | 'readInput'
> {
  readonly argv: readonly string[]
}

const examples = `
Examples:
  agentctl clusters
  agentctl watch nodes -c pg-main
  agentctl show activity -n pg-main-1
  agentctl run reload -c pg-main --reason 'work_mem for the report'
  agentctl alerts
  agentctl events --since 24h
  agentctl -o json query 'up == 0'

A flag wins over its environment variable, that over ~/.config/pgherd/agentctl.yaml (see agentctl config).
Exit status: 0 done, 1 failed, 2 wrong usage or query, 3 refused, 4 unreachable, 5 timed out.`

interface Flags {
  readonly collector?: string
  readonly tokenFile?: string
  readonly caFile?: string
  readonly keyFile?: string
  readonly output: OutputFormat
  readonly timeout: number
}

/** Every command; each adds itself to the program. */
const commands = [
  addNodes,
  addClusters,
  addHa,
  addBackup,
  addTune,
  addPing,
  addQuery,
  addQueries,
  addWrites,
  addAsh,
  addShow,
  addWatch,
  addRun,
  addActions,
  addCommands,
  addCancel,
  addApprove,
  addAlerts,
  addSilence,
  addRules,
  addEvents,
  addDdl,
  addWatchdog,
  addIndex,
  addAudit,
  addTokens,
  addEnroll,
  addImport,
  addRevoke,
  addKey,
  addConfig,
  addCompletion,
] as const

/**
 * Runs one command line.
 * @throws PgherdError whose exit status is the one documented in --help
 */
export async function runCli(environment: CliEnvironment): Promise<void> {
  const { terminal } = environment
  using stack = new DisposableStack()
  const program = emptyProgram(terminal)
    .description('Asks a pgherd collector about the herd and steers it.')
    .version(version, '--version', 'print the version and exit')
    .helpOption('--help', 'print this help and exit')
    .option('--collector <url>', 'the collector [$PGHERD_COLLECTOR_URL]', checkedUrl)
    .option('--token-file <file>', 'file with the bearer token [$PGHERD_TOKEN_FILE, $PGHERD_TOKEN]')
    .option('--ca-file <file>', "the fleet's authority, PEM [$PGHERD_CA_FILE]")
    .option('--key-file <file>', "the operator's private key, for signing commands [$PGHERD_KEY_FILE]")
    .addOption(
      new Option('-o, --output <format>', 'how results are printed').choices(outputFormats).default('table'),
    )
    .addOption(
      new Option('--timeout <duration>', 'longest wait for an answer')
        .default(30_000, '30s')
        .argParser(timeout),
    )
    .addHelpText('after', examples)

  let settings: Settings | undefined
  const flags = () => program.opts<Flags>()
  const context: CliContext = {
    ...environment,
    flags: () => ({
      collector: flags().collector,
      token_file: flags().tokenFile,
      ca_file: flags().caFile,
      key_file: flags().keyFile,
    }),
    settings: () => (settings ??= resolveSettings(context.flags(), environment.environment)),
    client() {
      const { collector: url, token, ca } = context.settings()
      const http = stack.use(createHttpClient(ca === undefined ? {} : { tls: { ca } }))
      return createCollectorClient({ http, url, token, timeoutMs: flags().timeout })
    },
    async again(argv, world) {
      const inner = emptyProgram(world.terminal)
      for (const add of commands) add(inner, { ...context, ...world })
      await parse(inner, world.terminal, argv)
    },
    format: () => flags().output,
    timeoutMs: () => flags().timeout,
  }
  for (const add of commands) add(program, context)
  await parse(program, terminal, environment.argv)
}

/** @throws PgherdError of the command, and for wrong usage */
async function parse(program: Command, terminal: Terminal, argv: readonly string[]): Promise<void> {
  try {
    await program.parseAsync(argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return
    if (error.code === 'commander.help') {
      terminal.print(program.helpInformation().trimEnd())
      throw new PgherdError('USAGE', 'a command is missing', { cause: error })
    }
    const what = error.message.replace(/^error: /, '').replace(/\n/g, ' ')
    throw new PgherdError('USAGE', `${what} (see ${commandOf(program, argv)} --help)`, { cause: error })
  }
}

/** Which command's help tells what is allowed, as far as the words name one. */
function commandOf(program: Command, argv: readonly string[]): string {
  let command = program
  const names = [program.name()]
  for (const word of argv) {
    const sub = command.commands.find((one) => one.name() === word)
    if (sub === undefined) continue
    command = sub
    names.push(word)
  }
  return names.join(' ')
}

/** A program that prints to this terminal, and throws where commander would end the process. */
function emptyProgram(terminal: Terminal): Command {
  const width = helpWidth(terminal.width)
  return new Command('agentctl')
    .exitOverride()
    .configureHelp({ minWidthToWrap: 16 })
    .configureOutput({
      writeOut: (text) => terminal.print(wrapHelp(text.trimEnd(), width)),
      writeErr: () => undefined,
      getOutHelpWidth: () => width,
    })
}

function checkedUrl(given: string): string {
  if (isUsableUrl(given)) return given
  throw new InvalidArgumentError(`allowed: ${allowedUrl}`)
}

function timeout(given: string): number {
  const ms = parseDuration(given)
  if (ms !== undefined && ms > 0) return ms
  throw new InvalidArgumentError('allowed: a duration such as 500ms, 10s or 1m')
}
