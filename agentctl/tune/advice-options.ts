import { Option } from 'commander'
import type { Command } from 'commander'
import { PgherdError } from '../../common/errors.ts'
import { lifetime } from '../lifetime.ts'

/** What an advice is asked for by. */
export interface AdviceOptions {
  readonly profile?: string
  /** Milliseconds. */
  readonly window?: number
  readonly connections?: string
  readonly memory?: string
  readonly cpus?: string
  readonly disk?: string
  readonly server?: string
}

const hourMs = 3_600_000

/** Adds the options of an advice to a command. */
export function addAdviceOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--profile <profile>', 'what the server is for; auto chooses by its load').choices([
        ...['auto', 'oltp', 'olap', 'crit', 'tiny', 'mixed'],
      ]),
    )
    .addOption(
      new Option(
        '--window <duration>',
        "how much of the agent's history counts, such as 24h; 7d unless told",
      ).argParser(lifetime('1h to 90d, such as 24h', hourMs, 90 * 24 * hourMs)),
    )
    .option('--connections <number>', 'max_connections as you want it')
    .option('--memory <size>', 'what the server may use, such as 64GB; what the agent finds unless told')
    .option('--cpus <number>', 'its processors, likewise')
    .addOption(
      new Option('--disk <class>', 'what its data lies on, likewise').choices(['nvme', 'ssd', 'hdd', 'san']),
    )
    .option('--server <name>', 'the server, where a node has several (agentctl nodes)')
}

/** The arguments of tune-advise. @throws PgherdError USAGE */
export function adviceArgs(options: AdviceOptions): Readonly<Record<string, unknown>> {
  const { profile, window, connections, memory, cpus, disk } = options
  return {
    ...(profile === undefined ? {} : { profile }),
    ...(window === undefined ? {} : { hours: Math.ceil(window / hourMs) }),
    ...(connections === undefined ? {} : { connections: whole('--connections', connections) }),
    ...(memory === undefined ? {} : { memory }),
    ...(cpus === undefined ? {} : { cpus: whole('--cpus', cpus) }),
    ...(disk === undefined ? {} : { disk }),
  }
}

function whole(flag: string, text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text)
  throw new PgherdError('USAGE', `${flag} was ${text}; allowed: a whole number from 1 on`)
}
