import type { JSX } from 'preact'
import { queryTextsAnswer } from '../../../common/insight/query-texts-view.ts'
import type { CollectorClient } from '../api/client.ts'
import { CopyLine } from '../parts/copy-line.tsx'
import { usePolled } from '../state/use-polled.ts'
import type { Selections } from './variables/selection.ts'

/** More of them would push the panels away, which are what the board is for. */
const mostTexts = 3

/** The whole texts of the statements that a board is about, where it is about a few: panels have the beginnings only. */
export function StatementTexts({
  client,
  selections,
}: {
  readonly client: CollectorClient
  readonly selections: Selections
}): JSX.Element | null {
  const chosen = (name: string): readonly string[] | null => {
    const selection = selections.get(name)
    return selection === undefined || selection.isAll ? null : selection.values
  }
  const queries = (chosen('query') ?? []).filter((query) => /^-?\d+$/.test(query))
  const isAsked = queries.length > 0 && queries.length <= mostTexts
  const texts = usePolled(JSON.stringify(queries), 0, isAsked, async (signal) => {
    const { data } = await client.get('api/v1/queries/texts', { query: queries }, queryTextsAnswer, signal)
    return data
  })
  if (!isAsked || texts.outdated) return null
  const isChosen = (name: string, value: string): boolean => chosen(name)?.includes(value) ?? true
  const shown = (texts.data ?? []).filter(
    ({ cluster, datname }) => isChosen('cls', cluster) && isChosen('datname', datname),
  )
  if (shown.length === 0) return null
  return (
    <>
      {shown.map(({ cluster, datname, query, text }) => (
        <section
          key={`${cluster} ${datname} ${query}`}
          class="statement-text"
          aria-label={`Statement ${query} of ${datname} in ${cluster}`}
        >
          <pre tabIndex={0}>{text}</pre>
          <CopyLine text={`agentctl queries show ${query} -c ${cluster}`} />
        </section>
      ))}
    </>
  )
}
