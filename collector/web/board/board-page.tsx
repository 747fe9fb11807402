import 'uplot/dist/uPlot.min.css'
import '../styles/board.css'
import '../styles/chart.css'
import '../styles/values.css'
import { useEffect, useState } from 'preact/hooks'
import type { JSX } from 'preact'
import type { CollectorClient } from '../api/client.ts'
import { useTitle } from '../state/title.ts'
import { link } from '../state/route.ts'
import { usePolled } from '../state/use-polled.ts'
import { BoardView } from './board-view.tsx'
import { listBoards, readBoard } from './boards.ts'
import { useBeat } from './use-beat.ts'

/** How long a board that could not be read is left alone. */
const retrySeconds = 10

/** A board of the collector, by its uid. */
export function BoardPage({
  client,
  uid,
}: {
  readonly client: CollectorClient
  readonly uid: string
}): JSX.Element {
  const [isFailed, setFailed] = useState(false)
  const { seq } = useBeat(isFailed ? retrySeconds : null)
  const list = usePolled('boards', seq, true, (signal) => listBoards(client, signal))
  const board = usePolled(uid, seq, list.data !== null, (signal) =>
    readBoard(client, uid, list.data ?? [], signal),
  )
  const present = board.outdated ? null : board.data
  useTitle(present?.title ?? 'Board')
  const error = list.error ?? (board.outdated ? null : board.error)
  useEffect(() => setFailed(error !== null), [error])
  if (error !== null) {
    return (
      <div>
        <p class="panel-error" role="alert">
          {error}
        </p>
        <ul>
          {(list.data ?? []).map((one) => (
            <li key={one.uid}>
              <a href={link(`/d/${one.uid}`)}>{one.title}</a>
            </li>
          ))}
        </ul>
      </div>
    )
  }
  if (present === null) {
    return (
      <div>
        <p class="no-data soft" role="status">
          Loading the board…
        </p>
      </div>
    )
  }
  return <BoardView key={uid} client={client} board={present} boards={list.data ?? []} />
}
