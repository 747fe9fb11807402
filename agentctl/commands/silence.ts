import type { Command } from 'commander'
import { z } from 'zod'
import { parseMatcher, printMatcher } from '../../common/alerts/matcher-text.ts'
import { createdSilence, silences } from '../../common/alerts/silence.ts'
import type { LabelMatcher, Silence } from '../../common/alerts/silence.ts'
import { PgherdError, messageOf } from '../../common/errors.ts'
import { silenceAuthor } from '../alerts/silence-author.ts'
import type { CollectorClient } from '../client.ts'
import type { CliContext } from '../context.ts'
import { lifetime } from '../lifetime.ts'
import { present } from '../present.ts'
import { printMoment } from '../print-moment.ts'
import { printAge, printable } from '../terminal.ts'

const hourMs = 3_600_000
const until = lifetime('1m to 365d, such as 2h', 60_000, 365 * 24 * hourMs)

interface AddOptions {
  readonly for: number
  readonly comment?: string
  readonly by?: string
}

/** `agentctl silence`: of which alerts nobody is told for a while, wherever silences are kept. */
export function addSilence(program: Command, context: CliContext): void {
  const silence = program
    .command('silence')
    .description('keep alerts from being told for a while: add, list and expire silences')
    .addHelpText(
      'after',
      `
Silences are those of the Alertmanager where the collector has one, else the collector keeps them. Alerts go on to be evaluated and
shown. An alert is silenced when it passes every matcher: label=value, label!=value, label=~regex, label!~regex. A word alone is the
name of an alert. To add and expire them takes the role operator, and the audit says who did.

Examples:
  agentctl silence add cls=pg-main --for 2h --comment 'new disks'
  agentctl silence add PostgresDown ins=pg-main-2
  agentctl silence add 'severity!=CRIT' 'cls=~pg-test-.*' --for 7d
  agentctl silence list
  agentctl silence expire 5f2c

Exit status: 0 done, 1 no such silence, 2 wrong usage, 3 refused, 4 unreachable, 5 timed out.`,
    )
  silence
    .command('add')
    .description('silence what passes all of the matchers, from now on')
    .argument('<matcher...>', "such as cls=pg-main or 'severity!=CRIT'")
    .option('--for <duration>', 'how long, such as 30m, 2h or 7d', until, 2 * hourMs)
    .option('--comment <text>', 'why, for whoever finds it')
    .option('--by <name>', 'who; the name of your key, or the user on this machine by default')
    .action((words: readonly string[], options: AddOptions) => add(context, words, options))
  silence
    .command('list')
    .description('list the silences that are active or will be')
    .option('--all', 'those that have expired in the last days too', false)
    .action(async ({ all }: { all: boolean }) => {
      const found = await context.client().call('GET', '/api/v2/silences', silences)
      const shown = found
        .filter(({ status }) => all || status.state !== 'expired')
        .sort((a, b) => Date.parse(a.endsAt) - Date.parse(b.endsAt))
      list(context, shown)
    })
  silence
    .command('expire')
    .description('end silences now')
    .argument('<id...>', 'as agentctl silence list shows it; the beginning is enough')
    .action((ids: readonly string[]) => expire(context, ids))
}

async function add(context: CliContext, words: readonly string[], options: AddOptions): Promise<void> {
  const matchers = words.map(readMatcher)
  const nowMs = context.clock.now()
  const json = {
    matchers,
    startsAt: new Date(nowMs).toISOString(),
    endsAt: new Date(nowMs + options.for).toISOString(),
    createdBy: options.by ?? silenceAuthor(context),
    comment: options.comment ?? 'by agentctl',
  }
  const { silenceID: id } = await context.client().call('POST', '/api/v2/silences', createdSilence, { json })
  if (context.format() === 'table') context.terminal.print(id)
  else present(context, { columns: [{ title: 'ID' }], rows: [[id]], data: { id, ...json }, nothing: '' })
  const what = matchers.map(printMatcher).join(', ')
  context.warn(`nobody is told of ${what} until ${printMoment(nowMs + options.for)} UTC`)
}

/** @throws PgherdError USAGE */
function readMatcher(word: string): LabelMatcher {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(word)) {
    return { name: 'alertname', value: word, isRegex: false, isEqual: true }
  }
  try {
    return parseMatcher(word)
  } catch (error) {
    throw new PgherdError('USAGE', messageOf(error), { cause: error })
  }
}

function list(context: CliContext, shown: readonly Silence[]): void {
  const nowMs = context.clock.now()
  const isTable = context.format() === 'table'
  present(context, {
    columns: [
      { title: 'ID' },
      { title: 'STATE', tone: (cell) => (cell === 'expired' ? 'faint' : undefined) },
      { title: 'ENDS', align: 'right' },
      { title: 'MATCHERS' },
      { title: 'BY', spare: 1 },
      { title: 'COMMENT', spare: 2 },
    ],
    rows: shown.map(({ id, status, endsAt, matchers, createdBy, comment }) => [
      isTable ? id.slice(0, 8) : id,
      status.state,
      when(Date.parse(endsAt), nowMs),
      matchers.map(printMatcher).join(', '),
      createdBy,
      comment,
    ]),
    data: shown,
    nothing: 'nothing is silenced',
  })
}

function when(atMs: number, nowMs: number): string {
  return atMs > nowMs ? `in ${printAge(atMs - nowMs)}` : `${printAge(nowMs - atMs)} ago`
}

async function expire(context: CliContext, ids: readonly string[]): Promise<void> {
  const client = context.client()
  const found = await client.call('GET', '/api/v2/silences', silences)
  const chosen = ids.map((id) => chooseOne(found, id))
  for (const { id, matchers } of chosen) {
    await end(client, id)
    if (context.format() === 'table') {
      context.terminal.print(printable(`ended: ${matchers.map(printMatcher).join(', ')}`))
    }
  }
  if (context.format() !== 'table') {
    present(context, {
      columns: [{ title: 'ID' }],
      rows: chosen.map(({ id }) => [id]),
      data: chosen,
      nothing: '',
    })
  }
}

async function end(client: CollectorClient, id: string): Promise<void> {
  await client.call('DELETE', `/api/v2/silence/${encodeURIComponent(id)}`, z.null())
}

/** @throws PgherdError NOT_FOUND, USAGE */
function chooseOne(found: readonly Silence[], beginning: string): Silence {
  const fitting = found.filter(({ id }) => id.startsWith(beginning))
  const alive = fitting.filter(({ status }) => status.state !== 'expired')
  const [only, another] = alive
  if (another !== undefined) {
    throw new PgherdError('USAGE', `${alive.length} silences begin with ${beginning}: say more of it`)
  }
  if (only !== undefined) return only
  const why = fitting.length > 0 ? 'has expired already' : 'is none (agentctl silence list shows them)'
  throw new PgherdError('NOT_FOUND', `${beginning} ${why}`)
}
