import type { JSX } from 'preact'
import { commandsAnswer } from '../../../common/command/command-view.ts'
import { CopyLine } from '../parts/copy-line.tsx'
import { FindField } from '../parts/find-field.tsx'
import type { PageContext } from '../state/page-context.ts'
import { useLocation } from '../state/route.ts'
import { useTitle } from '../state/title.ts'
import { usePolled } from '../state/use-polled.ts'
import { tunedServers, tuneKinds } from './tuned-servers.ts'
import { ServerTuning } from './server-tuning.tsx'

/** What was advised, planned and changed on each server, as the results of operators' commands tell. */
export function TuningPage({ context }: { readonly context: PageContext }): JSX.Element {
  const { client, refresh } = context
  useTitle('Tuning')
  const { search } = useLocation()
  const text = search.get('q') ?? ''
  const commands = usePolled('tune', refresh.seq, true, async (signal) => {
    const answers = await Promise.all(
      tuneKinds.map((kind) => client.get('api/v1/commands', { kind, limit: '1000' }, commandsAnswer, signal)),
    )
    return answers.flatMap(({ data }) => data)
  })
  const wanted = text.trim().toLowerCase()
  const servers = tunedServers(commands.data ?? [])
  const shown = servers.filter(({ server, node }) => `${server} ${node}`.toLowerCase().includes(wanted))
  return (
    <>
      <h1>Tuning</h1>
      <p class="soft">
        An agent advises, plans and changes settings when an operator asks it by a signed command. What is
        shown here is what those commands were answered.
      </p>
      <FindField page="/tuning" text={text} what="Find a server" />
      {commands.error !== null && (
        <p class="panel-error" role="status">
          {commands.error}
        </p>
      )}
      {commands.data !== null && servers.length === 0 && (
        <div class="welcome">
          <p>Nobody has asked for advice yet. It changes nothing:</p>
          <CopyLine text="agentctl tune plan NODE" />
        </div>
      )}
      {servers.length > 0 && shown.length === 0 && <p class="empty">No server matches.</p>}
      <ul class="tuned">
        {shown.map((server, index) => (
          <li key={server.server}>
            <ServerTuning tuned={server} context={context} isOpen={index === 0} />
          </li>
        ))}
      </ul>
    </>
  )
}
