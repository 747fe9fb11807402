import { useState } from 'preact/hooks'
import type { JSX } from 'preact'
import { z } from 'zod'
import type { LabelMatcher, Silence } from '../../../common/alerts/silence.ts'
import { formatDateTime } from '../format/time.ts'
import { mayOperate } from '../state/page-context.ts'
import type { PageContext } from '../state/page-context.ts'

interface Properties {
  readonly silences: readonly Silence[]
  readonly context: PageContext
  readonly onChanged: () => void
}

/** Who silenced what, for how long and why; those that are over are left out. */
export function SilencesList({ silences, context, onChanged }: Properties): JSX.Element {
  const [problem, setProblem] = useState<string | null>(null)
  const standing = silences.filter(({ status }) => status.state !== 'expired')
  const end = async (id: string): Promise<void> => {
    try {
      const path = `api/v2/silence/${encodeURIComponent(id)}`
      await context.client.send({ method: 'DELETE', path }, z.unknown(), new AbortController().signal)
      setProblem(null)
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
    }
    onChanged()
  }
  if (standing.length === 0) return <p class="calm">Nothing is silenced.</p>
  return (
    <>
      {problem !== null && (
        <p class="panel-error" role="alert">
          {problem}
        </p>
      )}
      <ul class="silences">
        {standing.map(({ id, status, matchers, endsAt, createdBy, comment }) => (
          <li key={id}>
            <p>
              {matchers.map((matcher) => (
                <code key={matcher.name}>{matcherText(matcher)}</code>
              ))}
            </p>
            <p class="soft">
              {status.state} until {formatDateTime(Date.parse(endsAt))} · {createdBy}: {comment}
            </p>
            {mayOperate(context.me) && (
              <button type="button" onClick={() => void end(id)}>
                End it now
              </button>
            )}
          </li>
        ))}
      </ul>
    </>
  )
}

function matcherText({ name, value, isRegex, isEqual }: LabelMatcher): string {
  const operator = isRegex ? (isEqual ? '=~' : '!~') : isEqual ? '=' : '!='
  return `${name}${operator}${JSON.stringify(value)}`
}
