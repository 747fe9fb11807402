import { InvalidArgumentError, Option } from 'commander'
import type { Command } from 'commander'
import { PgherdError } from '../../common/errors.ts'
import { indexFindings, indexesAnswer } from '../../common/insight/index-view.ts'
import type { IndexListing } from '../../common/insight/index-view.ts'
import { asJson } from '../as-json.ts'
import type { CliContext } from '../context.ts'
import { listIndexes } from '../indexes/list-indexes.ts'
import { showIndex } from '../indexes/show-index.ts'
import { addIndexOperations } from './index-operations.ts'
import { withQuery } from '../with-query.ts'

interface ListFlags {
  readonly finding?: string
  readonly database?: string
  readonly days?: number
  readonly all: boolean
  readonly json: boolean
}

interface ShowFlags extends Omit<ListFlags, 'finding' | 'all'> {
  readonly cluster?: string
}

/** `agentctl index`: what is wrong with indexes, why it is believed, and what is done about it. */
export function addIndex(program: Command, context: CliContext): void {
  const index = program
    .command('index')
    .description('indexes: which can go, which are missing, and what is done about them')
    .addHelpText(
      'after',
      `
list and show ask the collector, which has the evidence of every member of a cluster; the others are signed commands to a node, or to the
primary of a cluster.

Examples:
  agentctl index list pg-main
  agentctl index list --finding unused --days 90
  agentctl index show public.orders_note_idx
  agentctl index drop pg-main public.orders_note_idx --database shop --dry-run

Exit status: 0 done, 1 failed, 2 wrong usage, 3 refused, 4 unreachable, 5 timed out.`,
    )
  index
    .command('list')
    .description('what is wrong with indexes, what is worth most first')
    .argument('[cluster]', 'the cls label; all unless told')
    .addOption(new Option('--finding <finding>', 'only this').choices(indexFindings))
    .option('--database <name>', 'only of this database')
    .option(
      '--days <number>',
      "for how long nobody may have used one; the collector's insight.index_days unless told",
      days,
    )
    .option('--all', 'those that are to be kept, too', false)
    .option('--json', 'the same as -o json', false)
    .action(async (cluster: string | undefined, flags: ListFlags) => {
      const listing = await ask(context, { cluster, ...flags })
      listIndexes(asJson(context, flags), listing, {
        all: flags.all,
        isNarrowed: flags.finding !== undefined || flags.database !== undefined,
      })
    })
  index
    .command('show')
    .description('one index: the evidence of each member, and what can be done')
    .argument('<index>', 'its name, with or without the schema')
    .option('-c, --cluster <name>', 'only of this cluster')
    .option('--database <name>', 'only of this database')
    .option(
      '--days <number>',
      "for how long nobody may have used it; the collector's insight.index_days unless told",
      days,
    )
    .option('--json', 'the same as -o json', false)
    .action(async (name: string, flags: ShowFlags) => {
      const listing = await ask(context, { ...flags, name })
      if (listing.findings.length === 0) {
        const why =
          listing.notes[0] ?? `nothing is said of an index ${name}: it is in use on the primary, or not there`
        throw new PgherdError('NOT_FOUND', why)
      }
      showIndex(asJson(context, flags), listing)
    })
  addIndexOperations(index, context)
}

async function ask(
  context: CliContext,
  query: {
    readonly cluster?: string | undefined
    readonly database?: string
    readonly finding?: string
    readonly name?: string
    readonly days?: number
  },
): Promise<IndexListing> {
  const { cluster, database, finding, name, days: within } = query
  const path = withQuery('/api/v1/indexes', { cluster, database, finding, name, days: within })
  return (await context.client().call('GET', path, indexesAnswer)).data
}

function days(text: string): number {
  const number = /^\d{1,3}(\.\d{1,9})?$/.test(text) ? Number(text) : Number.NaN
  if (number > 0 && number <= 400) return number
  throw new InvalidArgumentError('allowed: a number above 0 and up to 400')
}
