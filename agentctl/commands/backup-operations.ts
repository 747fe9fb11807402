import type { Command } from 'commander'
import { backupsOfClusterAnswer } from '../../common/backup/backup-view.ts'
import { PgherdError } from '../../common/errors.ts'
import type { CollectorClient } from '../client.ts'
import type { CliContext } from '../context.ts'
import { loadOperatorKey } from '../operator.ts'
import { isSilent } from '../run-message.ts'
import { askForActions, findAction } from '../steer/ask-for-actions.ts'
import { carryOut } from '../steer/carry-out.ts'
import { addCarryOutOptions } from '../steer/carry-out-options.ts'
import type { CarryOutOptions } from '../steer/carry-out-options.ts'
import { askForCluster } from '../steer/cluster-member.ts'
import { printAge } from '../terminal.ts'

interface Options extends CarryOutOptions {
  readonly node?: string
  readonly type?: string
  readonly repo?: string
  readonly to?: string
  readonly target?: string
  readonly into?: string
  readonly inPlace?: boolean
  readonly force?: boolean
  readonly set?: string
  readonly exclusive?: boolean
  readonly timeline?: string
  readonly replaceArchiver?: boolean
}

interface Operation {
  readonly name: string
  readonly kind: string | ((options: Options) => string)
  readonly what: string
  readonly flags?: readonly (readonly [flags: string, what: string])[]
  args?(options: Options): Readonly<Record<string, unknown>>
  /** It is about the server that archives, whoever makes the backups. */
  readonly isOfPrimary?: boolean
}

const operations: readonly Operation[] = [
  {
    name: 'run',
    kind: 'backup-run',
    what: 'make a backup now',
    flags: [['--type <type>', 'full, diff or incr; incr unless told, full with pg_basebackup']],
    args: ({ type }) => (type === undefined ? {} : { type }),
  },
  {
    name: 'verify',
    kind: 'backup-verify',
    what: 'read the whole repository, and look for gaps in the archive',
  },
  {
    name: 'drill',
    kind: 'backup-drill',
    what: 'restore the newest backup, start it, look at it, and remove it',
  },
  { name: 'expire', kind: 'backup-expire', what: 'delete what the retention no longer wants' },
  { name: 'policy', kind: 'backup-policy', what: 'tell the policy, and what runs in the next days' },
  {
    name: 'prepare',
    kind: 'backup-prepare',
    what: 'make the stanza, set archiving, and prove that a segment arrives',
    flags: [['--replace-archiver', 'although the server archives by another command, which then ends']],
    args: ({ replaceArchiver }) => (replaceArchiver === true ? { replace_archiver: true } : {}),
    isOfPrimary: true,
  },
  {
    name: 'restore',
    kind: ({ inPlace }) => (inPlace === true ? 'backup-restore-in-place' : 'backup-restore'),
    what: 'restore to a point in time, and prove that it was reached',
    flags: [
      ['--into <directory>', 'an empty directory of the node'],
      ['--in-place', 'over the data of the cluster itself, on the node of its primary'],
      ['--to <time>', "with a time zone, such as '2026-11-23 10:00:00+00'"],
      ['--target <target>', 'xid=<n>, lsn=<lsn>, name=<restore point>, immediate, or in place latest'],
      ['--exclusive', 'just before it'],
      ['--timeline <timeline>', 'latest unless told'],
      ['--set <label>', 'from this backup; the last before the target unless told'],
    ],
    args: restoreArgs,
  },
  {
    name: 'confirm',
    kind: 'backup-restore-confirm',
    what: 'delete the data from before a restore in place',
    flags: [['--force', 'although something speaks against it']],
    args: ({ force }) => (force === true ? { force } : {}),
  },
]

const withRepository = new Set(['run', 'verify', 'drill', 'expire', 'restore'])

/** The commands below `agentctl backup`. */
export function addBackupOperations(backup: Command, context: CliContext): void {
  for (const operation of operations) {
    const command = backup
      .command(operation.name)
      .description(operation.what)
      .argument('<cluster>', 'the cls label')
    for (const [flags, what] of operation.flags ?? []) command.option(flags, what)
    if (withRepository.has(operation.name)) command.option('--repo <number>', 'of this repository')
    command.option(
      '--node <node>',
      'the member that does it; whose turn it is unless told (of prepare the primary)',
    )
    addCarryOutOptions(command).action((cluster: string) =>
      operate(context, operation, cluster, command.opts<Options>()),
    )
  }
}

/** @throws PgherdError whose exit status says how it ended */
async function operate(
  context: CliContext,
  operation: Operation,
  cluster: string,
  options: Options,
): Promise<void> {
  const client = context.client()
  const args = { ...operation.args?.(options), ...repositoryOf(options) }
  const node = options.node ?? (await nodeOf(client, operation, cluster))
  const kind = typeof operation.kind === 'string' ? operation.kind : operation.kind(options)
  const action = findAction(await askForActions(client, node), kind, node)
  const run = {
    action,
    args: { ...args, cluster },
    targets: [{ node, server: null, systemIdentifier: null }],
    key: await loadOperatorKey(context),
    reason: options.reason,
    lifetimeMs: 60_000,
    signaturesNeeded: 1,
  }
  await carryOut(context, client, run, {
    name: cluster,
    operation: operation.name,
    risk: action.risk,
    what: `${operation.name} of ${cluster} by ${node}: ${operation.what}.`,
    dryRun: options.dryRun,
    yes: options.yes,
    hasForce: operation.flags?.some(([flags]) => flags === '--force') === true,
  })
}

/** Who does it unless the operator says so. */
async function nodeOf(client: CollectorClient, { isOfPrimary }: Operation, cluster: string): Promise<string> {
  const primary = isOfPrimary === true ? await primaryOf(client, cluster) : undefined
  return primary ?? runnerOf(client, cluster)
}

/** The node of the cluster's primary; undefined where the collector knows of none. */
async function primaryOf(client: CollectorClient, cluster: string): Promise<string | undefined> {
  try {
    const { members, primary } = await askForCluster(client, cluster)
    return members.find(({ server }) => server === primary)?.node
  } catch (error) {
    if (error instanceof PgherdError && error.code === 'NOT_FOUND') return undefined
    throw error
  }
}

/** @throws PgherdError NOT_FOUND, or UNREACHABLE where no member says that it is its turn */
async function runnerOf(client: CollectorClient, cluster: string): Promise<string> {
  const path = `/api/v1/backups/${encodeURIComponent(cluster)}?limit=1`
  const { data } = await client.call('GET', path, backupsOfClusterAnswer)
  const fresh = data.members.toSorted((a, b) => a.ageMs - b.ageMs)
  const found = fresh.find((one) => one.report.isRunner && !isSilent(one))
  if (found !== undefined) return found.report.node
  const reasons = fresh
    .map(({ ageMs, report }) =>
      isSilent({ ageMs })
        ? `${report.node} was heard of ${printAge(ageMs)} ago`
        : `${report.node}: ${report.runnerReason}`,
    )
    .join('; ')
  throw new PgherdError('UNREACHABLE', `it is nobody's turn (${reasons}); allowed: --node <node>`)
}

function repositoryOf({ repo }: Options): Readonly<Record<string, unknown>> {
  if (repo === undefined) return {}
  if (/^[1-9]\d{0,2}$/.test(repo)) return { repository: Number(repo) }
  throw new PgherdError('USAGE', `--repo was ${repo}; allowed: a number from 1 on`)
}

/** @throws PgherdError USAGE */
export function restoreArgs(options: Options): Readonly<Record<string, unknown>> {
  const { into, inPlace, to, target, exclusive, timeline, set } = options
  if ((into === undefined) === (inPlace !== true)) {
    throw new PgherdError('USAGE', 'allowed: --into <an empty directory of the node>, or --in-place')
  }
  if (into !== undefined && !into.startsWith('/')) {
    throw new PgherdError(
      'USAGE',
      `--into was ${into}; allowed: an absolute path of the node, such as /data/restored`,
    )
  }
  if (inPlace === true && to === undefined && target === undefined) {
    throw new PgherdError('USAGE', '--in-place needs a target; allowed: --to <time>, or --target <target>')
  }
  if (to !== undefined && target !== undefined) {
    throw new PgherdError('USAGE', '--to and --target: one target at most')
  }
  return {
    ...(into === undefined ? {} : { into }),
    ...(to === undefined ? {} : { time: to }),
    ...(inPlace === true && target === 'latest' ? { latest: true } : targetArgs(target)),
    ...(exclusive === true ? { exclusive } : {}),
    ...(timeline === undefined ? {} : { timeline }),
    ...(set === undefined ? {} : { set }),
  }
}

function targetArgs(target: string | undefined): Readonly<Record<string, unknown>> {
  if (target === undefined) return {}
  if (target === 'immediate') return { immediate: true }
  const [, kind, value] = /^(xid|lsn|name|time)=(.+)$/s.exec(target) ?? []
  if (kind !== undefined && value !== undefined) return { [kind]: value }
  throw new PgherdError(
    'USAGE',
    `--target was ${target}; allowed: xid=<n>, lsn=<lsn>, name=<restore point>, time=<time> or immediate`,
  )
}
