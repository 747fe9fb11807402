import { useState } from 'preact/hooks'
import type { JSX } from 'preact'
import { commandAnswer } from '../../../common/command/command-view.ts'
import type { CommandView } from '../../../common/command/command-view.ts'
import { formatAge, formatDateTime } from '../format/time.ts'
import { CopyLine } from '../parts/copy-line.tsx'
import type { PageContext } from '../state/page-context.ts'
import { usePolled } from '../state/use-polled.ts'
import { ChangeView } from './change-view.tsx'
import { PlanDiff } from './plan-diff.tsx'
import { adviceOf, changesOf, planOf } from './read-results.ts'
import type { TunedServer } from './tuned-servers.ts'

interface Properties {
  readonly tuned: TunedServer
  readonly context: PageContext
  readonly isOpen: boolean
}

/** One server: the difference that is proposed, the change that is watched, and those of before. */
export function ServerTuning({ tuned, context, isOpen }: Properties): JSX.Element {
  const [isShown, setShown] = useState(isOpen)
  return (
    <details
      class="tuned-server"
      data-server={tuned.server}
      open={isShown}
      onToggle={(event) => setShown(event.currentTarget.open)}
    >
      <summary>
        <h2>{tuned.server}</h2>
        <span class="soft">asked {formatAge(context.nowMs - tuned.newestMs)}</span>
      </summary>
      {isShown && <Known tuned={tuned} context={context} />}
    </details>
  )
}

function Known({ tuned, context: { client, nowMs } }: Omit<Properties, 'isOpen'>): JSX.Element {
  const { server, advice, plan, changes } = tuned
  const wanted = [advice, plan, ...changes].filter((one): one is CommandView => one !== null)
  const key = wanted.map(({ id }) => id).join(' ')
  // Results do not change any more.
  const results = usePolled(key, 0, true, async (signal) => {
    const answers = await Promise.all(
      wanted.map(({ id }) =>
        client.get(`api/v1/commands/${encodeURIComponent(id)}`, {}, commandAnswer, signal),
      ),
    )
    return new Map(answers.map(({ data }) => [data.id, data]))
  })
  if (results.data === null) return <p class="empty">{results.error ?? 'Asking for what is known…'}</p>
  const resultOf = (command: CommandView | null): CommandView | undefined =>
    command === null ? undefined : results.data?.get(command.id)
  const advised = resultOf(advice)
  const planned = resultOf(plan)
  const known = changesOf(changes.flatMap((one) => resultOf(one) ?? []))
  return (
    <>
      <PlanDiff
        advice={advised === undefined ? null : adviceOf(advised)}
        plan={planned === undefined ? null : planOf(planned)}
      />
      <p class="soft">
        {advice !== null && `advised ${formatDateTime(advice.finishedMs ?? 0)} by ${advice.operator}`}
        {advice !== null && plan !== null && ' · '}
        {plan !== null && `planned ${formatDateTime(plan.finishedMs ?? 0)} by ${plan.operator}`}
      </p>
      <p>
        Changing it is a signed command:{' '}
        <CopyLine text={`agentctl tune apply ${server} --follow --reason ''`} />
      </p>
      <h3>Changes</h3>
      {known.length === 0 ? (
        <p class="calm">No change is known.</p>
      ) : (
        <ul class="changes">
          {known.map((change) => (
            <li key={change.id}>
              <ChangeView change={change} nowMs={nowMs} />
            </li>
          ))}
        </ul>
      )}
      <p class="soft">
        How a change stands is known as of the last command that asked:{' '}
        <CopyLine text={`agentctl tune status ${server}`} />
      </p>
    </>
  )
}
