import { oneDdlAnswer } from '../../common/insight/ddl-view.ts'
import type { DdlChange } from '../../common/insight/ddl-view.ts'
import type { CliContext } from '../context.ts'
import { printFacts } from '../fact-lines.ts'
import { present } from '../present.ts'
import { printExactMoment, printMoment } from '../print-moment.ts'
import { printable } from '../terminal.ts'
import { factLines } from './fact-difference.ts'
import { printLock } from './show-history.ts'

/** `agentctl ddl show <number>`: one change in full. */
export async function showChange(context: CliContext, seq: number): Promise<void> {
  const { data } = await context.client().call('GET', `/api/v1/ddl/${seq}`, oneDdlAnswer)
  if (context.format() !== 'table') {
    const rows = [[String(data.seq), printMoment(data.atMs), data.change, data.object]]
    const columns = ['NO', 'TIME (UTC)', 'CHANGE', 'OBJECT'].map((title) => ({ title }))
    present(context, { columns, rows, data, nothing: '' })
    return
  }
  const { terminal } = context
  printFacts(terminal, factsOf(data))
  for (const line of factLines(data.before, data.after)) terminal.print(printable(line))
}

function factsOf(change: DdlChange): readonly (readonly [string, string | undefined])[] {
  const { pid, fromMs, toMs, parts } = change
  const where = change.database === '' ? 'the server as a whole' : change.database
  return [
    ['change', `${change.kind} ${change.object} was ${change.change}`],
    ['formerly', change.formerly ?? undefined],
    ['where', `${where}, cluster ${change.cluster}, told by ${change.server}`],
    ['when', `${printExactMoment(change.atMs)}, between ${printMoment(fromMs)} and ${printMoment(toMs)}`],
    ['who', change.actor === null ? notSeen : `${change.actor}${pid === null ? '' : ` (process ${pid})`}`],
    ['with', change.application ?? undefined],
    ['from', change.client ?? (change.actor === null ? undefined : 'a socket')],
    ['statement', change.statement ?? undefined],
    ['lock', printLock(change)],
    ['transaction', change.xid ?? undefined],
    ['seen by', change.seenBy.join(', ')],
    ['also', parts === 0 ? undefined : `${parts} parts in the same way: ddl history --under ${change.seq}`],
  ]
}

const notSeen =
  'not seen; the event trigger sees everyone (agentctl actions ddl-trigger-install), and so does log_statement = ddl'
