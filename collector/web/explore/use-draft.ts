import { useState } from 'preact/hooks'

/** A query that is being written. */
export interface DraftQuery {
  /** Its own among the queries of the page. */
  readonly id: number
  readonly text: string
}

type Edit = (old: readonly DraftQuery[]) => readonly DraftQuery[]

/** What is written, which begins anew whenever other queries come into the address; `revision` tells when. */
export function useDraft(asked: readonly string[]): {
  readonly draft: readonly DraftQuery[]
  readonly revision: string
  readonly edit: (edit: Edit) => void
} {
  const revision = JSON.stringify(asked)
  const fresh = (asked.length === 0 ? [''] : asked).map((text, id) => ({ id, text }))
  const [state, setState] = useState<{ readonly revision: string; readonly draft: readonly DraftQuery[] }>({
    revision,
    draft: fresh,
  })
  return {
    revision,
    draft: state.revision === revision ? state.draft : fresh,
    edit: (change) =>
      setState((old) => ({ revision, draft: change(old.revision === revision ? old.draft : fresh) })),
  }
}
