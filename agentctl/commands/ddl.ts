import { InvalidArgumentError, Option } from 'commander'
import type { Command } from 'commander'
import { ddlChangeKinds } from '../../common/insight/ddl-view.ts'
import type { CliContext } from '../context.ts'
import { showChange } from '../ddl/show-change.ts'
import { showDifferences } from '../ddl/show-differences.ts'
import type { DiffFlags } from '../ddl/show-differences.ts'
import { showHistory } from '../ddl/show-history.ts'
import type { HistoryFlags } from '../ddl/show-history.ts'
import { sinceOption } from '../since-option.ts'
import { wholeNumber } from '../whole-number.ts'

/** `agentctl ddl`: who changed the schema of a database, when, and how. */
export function addDdl(program: Command, context: CliContext): void {
  const ddl = program
    .command('ddl')
    .description('show who changed schemas, what one change was, and how two instants differ')
    .addHelpText(
      'after',
      `
Changes are found by comparing catalogs, so what was rolled back is none. Who made one is known where its statement was seen while it ran or where the
event trigger is installed (agentctl run ddl-trigger-install). Literals are not kept. Roles, databases and what else belongs to a server as a whole
stand under the database "".

Examples:
  agentctl ddl history -c pg-main --since 24h
  agentctl ddl history -c pg-main -d shop --object 'public.orders*'
  agentctl ddl history --change dropped --actor deploy
  agentctl ddl show 1234
  agentctl ddl diff -c pg-main -d shop --at 2026-11-26T12:00Z now

Exit status: 0 shown, 1 no such change or database, 2 wrong usage, 3 refused, 4 unreachable, 5 timed out.`,
    )
  ddl
    .command('history')
    .description('list changes, the newest last')
    .option('-c, --cluster <name>', 'only changes of this cluster')
    .option('-d, --database <name>', 'only changes of this database')
    .option('--object <name>', "only objects of this name, with or without schema; '*' stands for anything")
    .option('--kind <kind>', 'only objects of this kind, such as table or index')
    .option('--actor <role>', 'only changes by this role')
    .addOption(new Option('--change <change...>', 'only these').choices(ddlChangeKinds))
    .addOption(new Option('--under <number>', 'only what changed along with this change').argParser(number))
    .addOption(sinceOption())
    .addOption(new Option('--limit <n>', 'at most so many').default(50).argParser(wholeNumber(1, 5_000)))
    .action((flags: HistoryFlags) => showHistory(context, flags))
  ddl
    .command('show')
    .description('show one change in full: before and after, who, statement, lock')
    .argument('<number>', 'its number, as history shows it', number)
    .action((seq: number) => showChange(context, seq))
  ddl
    .command('diff')
    .description('show how schemas differ between two instants')
    .requiredOption('-c, --cluster <name>', 'the cluster')
    .option('-d, --database <name>', 'only this database')
    .addOption(
      new Option(
        '--at <times...>',
        'both instants: RFC 3339, unix seconds or now-2h; the second one is now unless told',
      )
        .makeOptionMandatory(true)
        .argParser(twoTimes),
    )
    .action((flags: DiffFlags) => showDifferences(context, flags))
}

const number = wholeNumber(1, Number.MAX_SAFE_INTEGER)

function twoTimes(text: string, before: readonly string[] = []): readonly string[] {
  if (before.length < 2) return [...before, text]
  throw new InvalidArgumentError('allowed: one or two instants')
}
