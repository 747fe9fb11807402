import { useEffect, useState } from 'preact/hooks'
import type { JSX } from 'preact'
import { commandsAnswer } from '../../../common/command/command-view.ts'
import type { CommandView } from '../../../common/command/command-view.ts'
import { CopyLine } from '../parts/copy-line.tsx'
import { FindField } from '../parts/find-field.tsx'
import type { PageContext } from '../state/page-context.ts'
import { useLocation } from '../state/route.ts'
import { useTitle } from '../state/title.ts'
import { usePolled } from '../state/use-polled.ts'
import { useRefresh } from '../state/use-refresh.ts'
import { AuditTrail } from './audit-trail.tsx'
import { CommandItem } from './command-item.tsx'
import { filterCommands, isUnderWay } from './command-words.ts'

/** What runs changes by the second; where nothing does there is less to see. */
const followMs = 2_000
const idleMs = 10_000

/** What runs on the fleet by somebody's command, what has run, and the audit of both. */
export function CommandsPage({ context }: { readonly context: PageContext }): JSX.Element {
  const { client } = context
  useTitle('Commands')
  const [everyMs, setEveryMs] = useState(followMs)
  const beat = useRefresh(everyMs)
  const { search } = useLocation()
  const text = search.get('q') ?? ''
  const commands = usePolled(
    'commands',
    beat.seq,
    true,
    async (signal) => (await client.get('api/v1/commands', { limit: '200' }, commandsAnswer, signal)).data,
  )
  const shown = filterCommands(commands.data ?? [], text)
  const item = (command: CommandView): JSX.Element => (
    <li key={command.id}>
      <CommandItem command={command} context={context} seq={beat.seq} />
    </li>
  )
  const isBusy = (commands.data ?? []).some(isUnderWay)
  useEffect(() => setEveryMs(isBusy ? followMs : idleMs), [isBusy])
  const running = shown.filter(isUnderWay)
  const over = shown.filter((one) => !isUnderWay(one))
  return (
    <>
      <h1>Commands</h1>
      <p class="soft">
        A command is signed by an operator&apos;s own key and judged by the agent that it is for. None is sent
        from this page: what needs one shows the line for a terminal.
      </p>
      <FindField page="/commands" text={text} what="Find a node, kind, operator or id" />
      {commands.error !== null && (
        <p class="panel-error" role="status">
          {commands.error}
        </p>
      )}
      <section aria-labelledby="running-title">
        <h2 id="running-title">Under way</h2>
        {running.length === 0 && commands.data !== null && <p class="calm">Nothing is under way.</p>}
        <ul class="commands">{running.map(item)}</ul>
      </section>
      <section aria-labelledby="over-title">
        <h2 id="over-title">Lately</h2>
        {over.length === 0 && commands.data !== null && (
          <p class="calm">
            No command has run. <CopyLine text="agentctl actions" /> lists what there is.
          </p>
        )}
        <ul class="commands">{over.map(item)}</ul>
      </section>
      <AuditTrail context={context} />
    </>
  )
}
