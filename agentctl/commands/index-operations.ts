import type { Command } from 'commander'
import { PgherdError } from '../../common/errors.ts'
import type { NodeView } from '../../common/wire/nodes.ts'
import type { CollectorClient } from '../client.ts'
import type { CliContext } from '../context.ts'
import { loadOperatorKey } from '../operator.ts'
import { askForActions, findAction } from '../steer/ask-for-actions.ts'
import { carryOut } from '../steer/carry-out.ts'
import { addCarryOutOptions } from '../steer/carry-out-options.ts'
import type { CarryOutOptions } from '../steer/carry-out-options.ts'
import { askForCluster } from '../steer/cluster-member.ts'
import { targetsOf } from '../steer/compose.ts'
import { askForKept, carriedArguments, carriedOf, listKept } from '../indexes/kept-indexes.ts'
import { standbysOfTrial } from '../indexes/standbys-of-trial.ts'
import { printable } from '../terminal.ts'
import { findPlaces } from '../tune/tuned-places.ts'

interface Options extends CarryOutOptions {
  readonly database?: string
  readonly server?: string
  readonly danger?: string
  readonly for?: string
  readonly scans?: string
  readonly bound?: string
  readonly baseline?: string
  readonly xid?: string
  readonly definition?: string
  readonly allowFk?: boolean
  readonly allowUnique?: boolean
  readonly lockTimeout?: string
  readonly patience?: string
  readonly maxSize?: string
  readonly limit?: string
  readonly trustFunctions?: boolean
  readonly kept?: boolean
  readonly standbysUnwatched?: boolean
}

interface Operation {
  readonly name: string
  readonly kind: string
  readonly what: string
  /** What is named behind the node or cluster, and how the action calls it; nothing where all of a server is meant. */
  readonly argument?: { readonly name: string; readonly what: string; readonly as: string }
  readonly flags?: readonly (readonly [flags: string, what: string])[]
  args?(options: Options): Readonly<Record<string, unknown>>
}

const index = {
  name: '<index>',
  what: 'with its schema, such as public.orders_note_idx',
  as: 'index',
} as const
const patience = ['--patience <seconds>', 'how long it waits for those in its way'] as const
const maxSize = ['--max-size <size>', 'a larger index is refused, such as 20GB'] as const
const definition = [
  '--definition <text>',
  'the definition as it was seen, or sha256:<beginning of its hash>: another index is not touched',
] as const

const operations: readonly Operation[] = [
  {
    name: 'whatif',
    kind: 'index-whatif',
    what: 'what statements would cost without it, as the planner thinks (HypoPG 1.4)',
    argument: index,
    flags: [
      ['--limit <number>', 'statements, those that took most time'],
      ['--trust-functions', 'as a superuser, too'],
    ],
    args: ({ limit, trustFunctions }) => ({
      ...numbers({ limit }),
      ...(trustFunctions === true ? { trust_functions: true } : {}),
    }),
  },
  {
    name: 'trial',
    kind: 'index-trial',
    what: 'keep the planner from it for some time, watched, and taken back by itself',
    argument: index,
    flags: [
      [
        '--danger <word>',
        'updates-pg_index-by-hand, once you have read what that means (--dry-run shows it)',
      ],
      ['--for <duration>', 'how long; 1h unless told'],
      ['--scans <number>', 'sequential scans of the table more than before that end it; 10 unless told'],
      ['--bound <share>', 'how much slower a statement may become; 0.5 unless told, which is 50 %'],
      ['--baseline <seconds>', 'how long it is looked at before, to compare with; 30 unless told'],
      definition,
      [
        '--standbys-unwatched',
        'although standbys use it, or may: they lose it as well, and nobody watches them',
      ],
    ],
    args: (options) => ({
      ...(options.standbysUnwatched === true ? { standbys: 'unwatched' } : {}),
      ...texts({ danger: options.danger, for: options.for, definition: options.definition }),
      ...numbers({ scans: options.scans, bound: options.bound, baseline_s: options.baseline }),
    }),
  },
  {
    name: 'trial-end',
    kind: 'index-trial-end',
    what: 'end a trial before its time',
    argument: index,
    flags: [['--xid <number>', 'as the trial has told it, where another member was the primary then']],
    args: ({ xid }) => texts({ xid }),
  },
  {
    name: 'drop',
    kind: 'index-drop',
    what: 'drop it CONCURRENTLY, with everything saved that it is built of again',
    argument: index,
    flags: [
      definition,
      ['--allow-fk', 'although it serves a foreign key'],
      ['--allow-unique', 'although it keeps out duplicates'],
      ['--lock-timeout <seconds>', 'of one attempt; 10 unless told'],
      patience,
    ],
    args: (options) => ({
      ...texts({ definition: options.definition }),
      ...(options.allowFk === true ? { allow_fk: true } : {}),
      ...(options.allowUnique === true ? { allow_unique: true } : {}),
      ...numbers({ lock_timeout_s: options.lockTimeout, patience_s: options.patience }),
    }),
  },
  {
    name: 'restore',
    kind: 'index-restore',
    what: 'build a dropped one anew, CONCURRENTLY, as it was',
    argument: {
      name: '<saved>',
      what: 'its id in agentctl index saved, or its name with the schema',
      as: 'saved',
    },
    flags: [maxSize, patience],
    args: building,
  },
  {
    name: 'reindex',
    kind: 'index-reindex',
    what: 'build it anew beside itself, CONCURRENTLY: for one that is bloated or not valid',
    argument: index,
    flags: [maxSize, patience],
    args: building,
  },
  {
    name: 'saved',
    kind: 'index-list-saved',
    what: 'those that were dropped, with what they are built of again, and trials',
    flags: [
      ['--limit <number>', 'at most so many; 50 unless told'],
      [
        '--kept',
        "the collector's copy of what all members of the cluster have dropped, lost ones among them",
      ],
    ],
    args: ({ limit }) => numbers({ limit }),
  },
]

/** The commands below `agentctl index` that act. */
export function addIndexOperations(parent: Command, context: CliContext): void {
  for (const operation of operations) {
    const command = parent
      .command(operation.name)
      .description(operation.what)
      .argument('<node-or-cluster>', 'a node, or a cluster for its primary')
    if (operation.argument !== undefined) command.argument(operation.argument.name, operation.argument.what)
    for (const [flags, what] of operation.flags ?? []) command.option(flags, what)
    if (operation.argument !== undefined) {
      command.option('--database <name>', 'its database; that of the URL unless told')
    }
    command.option('--server <name>', 'the server (ins label), where a node has several')
    addCarryOutOptions(command).action((place: string, named: unknown) =>
      operate(context, operation, {
        place,
        // Commander's options are in its place where there is none.
        named: typeof named === 'string' ? named : undefined,
        options: command.opts<Options>(),
      }),
    )
  }
}

/** @throws PgherdError whose exit status says how it ended */
async function operate(
  context: CliContext,
  operation: Operation,
  asked: { readonly place: string; readonly named: string | undefined; readonly options: Options },
): Promise<void> {
  const { place, named, options } = asked
  const client = context.client()
  if (options.kept === true) {
    const { nodes } = await findPlaces(client, place)
    listKept(context, await askForKept(client, nodes[0]?.cluster ?? place))
    return
  }
  const { node, server } = await placeOf(client, place, options.server)
  const action = findAction(await askForActions(client, node.node), operation.kind, node.node)
  const targets = targetsOf([node], action, server)
  const carried =
    operation.name === 'restore' && named !== undefined
      ? carriedOf(await askForKept(client, node.cluster), {
          ...{ named, database: options.database },
          server: targets[0]?.server ?? node.node,
        })
      : undefined
  if (carried !== undefined) {
    context.warn(
      printable(`dropped on ${carried.server}, and kept by the collector: ${carried.index.definition}`),
    )
  }
  const seen =
    operation.name === 'trial' && named !== undefined && options.standbysUnwatched !== true
      ? await standbysOfTrial(client, {
          ...{ cluster: node.cluster, named, database: options.database },
          server: targets[0]?.server ?? node.node,
        })
      : undefined
  for (const warning of seen?.warnings ?? []) context.warn(printable(warning))
  const args = {
    ...texts({ standbys: seen?.standbys }),
    ...(operation.argument === undefined ? {} : { [operation.argument.as]: named }),
    ...texts({ database: options.database }),
    ...operation.args?.(options),
    ...(carried === undefined ? {} : carriedArguments(carried)),
  }
  const run = {
    action,
    args,
    targets,
    key: await loadOperatorKey(context),
    reason: options.reason,
    lifetimeMs: 60_000,
    signaturesNeeded: 1,
  }
  await carryOut(context, client, run, {
    name: named ?? place,
    operation: operation.name,
    risk: action.risk,
    what: `${operation.name} ${named ?? ''} on ${targets[0]?.server ?? node.node}: ${operation.what}.`,
    dryRun: options.dryRun,
    yes: options.yes,
    hasForce: false,
  })
}

/** A node, or the one of a cluster's primary with that one's name. @throws PgherdError NOT_FOUND, or UNREACHABLE where no primary is known */
async function placeOf(
  client: CollectorClient,
  name: string,
  server: string | undefined,
): Promise<{ readonly node: NodeView; readonly server: string | undefined }> {
  const { nodes, isCluster } = await findPlaces(client, name)
  const [first] = nodes
  if (first === undefined) throw new PgherdError('NOT_FOUND', `no node or cluster is called ${name}`)
  if (!isCluster || (server !== undefined && nodes.length === 1)) return { node: first, server }
  const { primary, members } = await askForCluster(client, name)
  const member = members.find((one) => one.server === primary)
  const node = nodes.find((one) => one.node === member?.node)
  if (member !== undefined && node !== undefined) return { node, server: member.server }
  if (nodes.length === 1) return { node: first, server }
  throw new PgherdError('UNREACHABLE', `no primary of ${name} is known; allowed: one of its nodes`)
}

function building({ maxSize: most, patience: seconds }: Options): Readonly<Record<string, unknown>> {
  return { ...texts({ max_size: most }), ...numbers({ patience_s: seconds }) }
}

function texts(given: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

/** @throws PgherdError USAGE for what is no number; its bounds are the action's matter */
function numbers(given: Readonly<Record<string, string | undefined>>): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => {
      if (value === undefined) return []
      if (!/^\d+(\.\d+)?$/.test(value)) {
        throw new PgherdError('USAGE', `${name} was ${value}; allowed: a number`)
      }
      return [[name, Number(value)]]
    }),
  )
}
