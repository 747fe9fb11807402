import { useState } from 'preact/hooks'
import type { JSX } from 'preact'
import { commandAnswer } from '../../../common/command/command-view.ts'
import type { CommandView } from '../../../common/command/command-view.ts'
import { formatDateTime } from '../format/time.ts'
import { formatSeconds } from '../format/units.ts'
import { CopyLine } from '../parts/copy-line.tsx'
import { LevelMark } from '../parts/level-mark.tsx'
import { mayOperate } from '../state/page-context.ts'
import type { PageContext } from '../state/page-context.ts'
import { usePolled } from '../state/use-polled.ts'
import { CommandOutput } from './command-output.tsx'
import { commandLevel, commandText, isUnderWay } from './command-words.ts'

interface Properties {
  readonly command: CommandView
  readonly context: PageContext
  /** Beats faster than the page while something runs. */
  readonly seq: number
}

/** A command in a line; opened, who signed it, how it goes, and what it has shown. */
export function CommandItem({ command, context, seq }: Properties): JSX.Element {
  const [isOpen, setOpen] = useState(false)
  const level = commandLevel(command)
  const { server, node, state, progress, operator, queuedMs, startedMs, finishedMs } = command
  const took = startedMs !== null && finishedMs !== null ? (finishedMs - startedMs) / 1000 : null
  return (
    <details
      class={`command command-${isUnderWay(command) ? 'under-way' : 'over'}`}
      data-command={command.id}
      data-state={state}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>
        {level === null ? <span class="badge">{state}</span> : <LevelMark level={level} />}{' '}
        <strong>{commandText(command)}</strong> <span>on {server ?? node}</span>{' '}
        <span class="soft">
          {level !== null && state !== 'done' && `${state} · `}
          by {operator} · <time dateTime={new Date(queuedMs).toISOString()}>{formatDateTime(queuedMs)}</time>
          {took !== null && ` · took ${formatSeconds(took)}`}
        </span>
        {progress !== null && isUnderWay(command) && (
          <span class="progress">
            {progress.percent !== null && (
              <progress max={100} value={progress.percent} aria-label={`${command.kind} on ${node}`} />
            )}{' '}
            {progress.text}
          </span>
        )}
      </summary>
      {isOpen && <Whole id={command.id} context={context} seq={isUnderWay(command) ? seq : 0} />}
    </details>
  )
}

function Whole({
  id,
  context: { client, me },
  seq,
}: {
  readonly id: string
  readonly context: PageContext
  readonly seq: number
}): JSX.Element {
  const path = `api/v1/commands/${encodeURIComponent(id)}`
  const { data: one, error } = usePolled(
    path,
    seq,
    true,
    async (signal) => (await client.get(path, {}, commandAnswer, signal)).data,
  )
  if (one === null) return <p class="empty">{error ?? 'Asking for it…'}</p>
  return (
    <div class="command-whole">
      <dl class="pairs">
        <dt>signed by</dt>
        <dd>
          {one.operator}
          <span class="soft"> with {one.keys.map((key) => key.slice(0, 16)).join(' and ')}</span>
        </dd>
        <dt>brought by</dt>
        <dd>{one.requestedBy}</dd>
        {one.reason !== '' && (
          <>
            <dt>why</dt>
            <dd>{one.reason}</dd>
          </>
        )}
        <dt>id</dt>
        <dd>
          <code>{one.id}</code>
        </dd>
      </dl>
      <CommandOutput command={one} />
      {mayOperate(me) && one.state === 'held' && (
        <NextLine
          what="It waits for a second operator, who signs it with"
          line={`agentctl approve ${one.id.slice(0, 8)}`}
        />
      )}
      {mayOperate(me) && isUnderWay(one) && one.state !== 'held' && (
        <NextLine
          what="To end it is a command itself, which you sign with your own key:"
          line={`agentctl cancel ${one.id.slice(0, 8)} --reason ''`}
        />
      )}
    </div>
  )
}

function NextLine({ what, line }: { readonly what: string; readonly line: string }): JSX.Element {
  return (
    <p class="next-line">
      {what} <CopyLine text={line} />
    </p>
  )
}
