import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import type { JSX } from 'preact'
import { whoAmIAnswer } from '../../common/wire/whoami.ts'
import type { CollectorClient } from './api/client.ts'
import { HelpDialog } from './header/help-dialog.tsx'
import { PageHeader } from './header/page-header.tsx'
import { useShortcuts } from './header/use-shortcuts.ts'
import { Guard } from './parts/guard.tsx'
import { lazyPage } from './parts/lazy-page.tsx'
import type { Session } from './sign-in/session.ts'
import type { PageContext } from './state/page-context.ts'
import { parsePath } from './state/pages.ts'
import type { Route } from './state/pages.ts'
import { link, useLocation } from './state/route.ts'
import { useFiringInTitle } from './state/title.ts'
import { usePolled } from './state/use-polled.ts'
import { useRefresh } from './state/use-refresh.ts'

const refreshMs = 10_000

const FleetPage = lazyPage(async () => (await import('./fleet/fleet-page.tsx')).FleetPage)
const ClusterPage = lazyPage(async () => (await import('./cluster/cluster-page.tsx')).ClusterPage)
const AlertsPage = lazyPage(async () => (await import('./alerts/alerts-page.tsx')).AlertsPage)
const CommandsPage = lazyPage(async () => (await import('./commands/commands-page.tsx')).CommandsPage)
const TuningPage = lazyPage(async () => (await import('./tuning/tuning-page.tsx')).TuningPage)
const BackupsPage = lazyPage(async () => (await import('./backups/backups-page.tsx')).BackupsPage)
const BoardPage = lazyPage(async () => (await import('./board/board-page.tsx')).BoardPage)
const ExplorePage = lazyPage(async () => (await import('./explore/explore-page.tsx')).ExplorePage)

interface Properties {
  readonly client: CollectorClient
  readonly session: Session
}

/** The frame around every page: where the reader is, how the collector does, and what fires. */
export function Page({ client, session }: Properties): JSX.Element {
  const { path } = useLocation()
  const route = parsePath(path)
  const refresh = useRefresh(refreshMs)
  const version = usePolled('version', Math.floor(refresh.seq / 30), true, (signal) => client.version(signal))
  const me = usePolled(
    'me',
    Math.floor(refresh.seq / 30),
    true,
    async (signal) => (await client.get('api/v1/whoami', {}, whoAmIAnswer, signal)).data,
  )
  const alerts = usePolled('alerts', refresh.seq, true, (signal) => client.alerts(signal))
  const firing = (alerts.data ?? []).filter(({ state }) => state === 'firing').length
  useFiringInTitle(firing)

  const [isHelpOpen, setHelpOpen] = useState(false)
  const openHelp = useCallback(() => setHelpOpen(true), [])
  const shortcuts = useShortcuts(openHelp)
  const main = useFocusOnMove(path)
  const context: PageContext = {
    client,
    refresh,
    nowMs: refresh.atMs + client.clockOffsetMs(),
    alerts,
    me: me.data,
  }
  return (
    <>
      <a class="skip" href="#content">
        To the content
      </a>
      <PageHeader
        route={route}
        firing={firing}
        connection={{ version: version.data, answeredAtMs: alerts.dataAtMs, error: alerts.error }}
        me={me.data}
        onHelp={openHelp}
        session={session}
      />
      <main id="content" ref={main} tabIndex={-1} class={alerts.error === null ? '' : 'disconnected'}>
        <Guard what="This page" attempt={path}>
          <Content route={route} context={context} />
        </Guard>
      </main>
      <HelpDialog
        shortcuts={shortcuts.all}
        isOpen={isHelpOpen}
        onClose={() => setHelpOpen(false)}
        areOn={shortcuts.areOn}
        onSwitch={shortcuts.setOn}
      />
    </>
  )
}

function Content({ route, context }: { readonly route: Route; readonly context: PageContext }): JSX.Element {
  const { client } = context
  switch (route.page) {
    case 'fleet':
      return <FleetPage context={context} />
    case 'cluster':
      return <ClusterPage key={route.cluster} context={context} cluster={route.cluster} />
    case 'board':
      return <BoardPage client={client} uid={route.uid} />
    case 'explore':
      return <ExplorePage client={client} />
    case 'alerts':
      return <AlertsPage context={context} />
    case 'commands':
      return <CommandsPage context={context} />
    case 'tuning':
      return <TuningPage context={context} />
    case 'backups':
      return <BackupsPage context={context} />
    case 'missing':
      return (
        <section class="welcome">
          <h1>Nothing is here</h1>
          <p>
            <code>{route.path}</code> is no address of this page. <a href={link('/')}>The fleet</a> is a good
            place to begin.
          </p>
        </section>
      )
  }
}

/** Another page begins at its top, and the keyboard and a screen reader there too. */
function useFocusOnMove(path: string) {
  const main = useRef<HTMLElement>(null)
  const shown = useRef(path)
  useEffect(() => {
    if (shown.current === path) return
    shown.current = path
    scrollTo(0, 0)
    main.current?.focus({ preventScroll: true })
  }, [path])
  return main
}
