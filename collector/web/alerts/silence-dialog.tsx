import { useEffect, useRef, useState } from 'preact/hooks'
import type { JSX } from 'preact'
import { createdSilence } from '../../../common/alerts/silence.ts'
import type { Alert } from '../api/answers.ts'
import type { PageContext } from '../state/page-context.ts'
import { lengths, silenceFor } from './new-silence.ts'

interface Properties {
  readonly alert: Alert
  readonly context: PageContext
  /** With whether there is a new silence. */
  readonly onClose: (made: boolean) => void
}

/** Asks for how long and why an alert is not to be told, and has the collector keep that. */
export function SilenceDialog({ alert, context: { client, me, nowMs }, onClose }: Properties): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null)
  const [problem, setProblem] = useState<string | null>(null)
  useEffect(() => dialog.current?.showModal(), [])
  const by = me?.name ?? 'web'
  const send = async (form: HTMLFormElement): Promise<void> => {
    const given = new FormData(form)
    const text = (name: string): string => {
      const value = given.get(name)
      return typeof value === 'string' ? value.trim() : ''
    }
    const forMs = lengths.get(text('length'))
    const comment = text('comment')
    if (forMs === undefined || comment === '') return
    try {
      const body = silenceFor(alert, { by, comment, forMs }, nowMs)
      const gone = new AbortController().signal
      await client.send({ method: 'POST', path: 'api/v2/silences', body }, createdSilence, gone)
      onClose(true)
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
    }
  }
  const { matchers } = silenceFor(alert, { by, comment: '', forMs: 0 }, nowMs)
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="silence-title" onClose={() => onClose(false)}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void send(event.currentTarget)
        }}
      >
        <h2 id="silence-title">Silence {alert.labels['alertname']}</h2>
        <p>
          It goes on firing here, and nobody is told. What matches:{' '}
          {matchers.map(({ name, value }) => (
            <code key={name}>
              {name}={value}
            </code>
          ))}
        </p>
        <label>
          For
          <select name="length" defaultValue="2 hours">
            {[...lengths.keys()].map((name) => (
              <option key={name} selected={name === '2 hours'}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label>
          Why
          <input
            name="comment"
            required
            maxLength={500}
            placeholder="planned restart, ticket, who looks after it"
          />
        </label>
        {problem !== null && (
          <p class="panel-error" role="alert">
            {problem}
          </p>
        )}
        <div class="dialog-buttons">
          <button type="submit" class="main-button">
            Silence it
          </button>
          <button type="button" onClick={() => onClose(false)}>
            Leave it
          </button>
        </div>
      </form>
    </dialog>
  )
}
