import { Command, CommanderError, Option } from 'commander'
import { duration, printDuration } from '../common/config/kinds.ts'
import { PgherdError } from '../common/errors.ts'

export interface DemoArguments {
  /** How long to stay up, then check and end; undefined: until Ctrl-C. */
  readonly forMs: number | undefined
  readonly intervalMs: number
  readonly port: number
}

export const defaultPort = 8432

const lengths = duration({ min: '5s', max: '7d' })
const intervals = duration({ min: '1s', max: '1m' })

/** The fewest measurements that can show a gap: something has to lie between the first and the last. */
const fewestMeasurements = 3

/**
 * @returns undefined when the call only asked for help, which was printed
 * @throws PgherdError USAGE with one line
 */
export function parseDemoArguments(
  argv: readonly string[],
  print: (text: string) => void,
): DemoArguments | undefined {
  const command = new Command('npm run demo --')
    .description(
      'Starts a small world: PostgreSQL 18 with a standby and a workload, a collector, and one agent per server.',
    )
    .addOption(
      new Option('--for <duration>', 'check, print a summary and end after this time, such as 60s').argParser(
        durationOf('--for', lengths),
      ),
    )
    .addOption(
      new Option('--interval <duration>', 'time between measurements')
        .argParser(durationOf('--interval', intervals))
        .default(10_000, '10s'),
    )
    .addOption(
      new Option('--port <number>', 'port of the web page and the API')
        .argParser(portOf)
        .default(defaultPort),
    )
    .helpOption('--help', 'print this help and exit')
    .addHelpText('after', '\nWithout --for it stays up until Ctrl-C.')
    .configureHelp({ sortOptions: false })
    .configureOutput({ writeOut: (text) => print(text.trimEnd()), writeErr: () => undefined })
    .exitOverride()
    .allowExcessArguments(false)
  try {
    command.parse(argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return undefined
    throw usage(error.message.replace(/^error: /, ''))
  }
  const given = command.opts<{ for?: number; interval: number; port: number }>()
  const shortest = fewestMeasurements * given.interval
  if (given.for !== undefined && given.for < shortest) {
    throw usage(
      `--for: was ${printDuration(given.for)}; allowed: at least ${fewestMeasurements} intervals, which is ${printDuration(shortest)}`,
    )
  }
  return { forMs: given.for, intervalMs: given.interval, port: given.port }
}

function usage(message: string): PgherdError {
  return new PgherdError('USAGE', `${message} (see npm run demo -- --help)`)
}

function durationOf(flag: string, kind: ReturnType<typeof duration>): (text: string) => number {
  return (text) => {
    const result = kind.schema.safeParse(text)
    if (!result.success) throw usage(`${flag}: was ${text}; allowed: ${kind.allowed}`)
    return result.data
  }
}

function portOf(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) {
    throw usage(`--port: was ${text}; allowed: a whole number from 1 to 65535`)
  }
  return port
}
