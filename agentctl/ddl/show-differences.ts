import { ddlDiffAnswer } from '../../common/insight/ddl-view.ts'
import type { DdlDifference } from '../../common/insight/ddl-view.ts'
import type { CliContext } from '../context.ts'
import { present } from '../present.ts'
import { printMoment } from '../print-moment.ts'
import { printable } from '../terminal.ts'
import { factLines } from './fact-difference.ts'
import { withQuery } from '../with-query.ts'

export interface DiffFlags {
  readonly cluster: string
  readonly database?: string
  readonly at: readonly string[]
}

/** `agentctl ddl diff`: how the schemas of two instants differ. */
export async function showDifferences(context: CliContext, flags: DiffFlags): Promise<void> {
  const { cluster, database, at } = flags
  const [from = 'now', to = 'now'] = at
  const path = withQuery('/api/v1/ddl/diff', { cluster, from, to, database })
  const { data } = await context.client().call('GET', path, ddlDiffAnswer)
  if (context.format() !== 'table') {
    present(context, {
      columns: ['DATABASE', 'HOW', 'KIND', 'OBJECT'].map((title) => ({ title })),
      rows: data.differences.map((one) => [one.database, howOf(one), one.kind, one.object]),
      data,
      nothing: '',
    })
    return
  }
  const print = (line: string): void => context.terminal.print(line)
  if (data.differences.length === 0) print('the schemas do not differ')
  let place: string | undefined
  for (const one of data.differences) {
    if (one.database !== place) {
      place = one.database
      print(place === '' ? 'the server as a whole:' : `database ${printable(place)}:`)
    }
    const was = one.formerly === null ? '' : ` (was ${one.formerly})`
    print(printable(`${marks[howOf(one)]} ${one.kind} ${one.object}${was}`))
    for (const line of factLines(one.before ?? {}, one.after ?? {})) print(printable(`    ${line}`))
  }
  if (data.knownSinceMs > 0) print(`What was before ${printMoment(data.knownSinceMs)} UTC is not known.`)
}

const marks = { created: '+', dropped: '-', changed: '~' } as const

function howOf({ before, after }: DdlDifference): keyof typeof marks {
  if (before === null) return 'created'
  return after === null ? 'dropped' : 'changed'
}
