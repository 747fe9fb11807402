import { useState } from 'preact/hooks'
import type { JSX } from 'preact'
import type { WhoAmI } from '../../../common/wire/whoami.ts'
import { formatAge } from '../format/time.ts'
import type { Session } from '../sign-in/session.ts'
import type { Route } from '../state/pages.ts'
import { link } from '../state/route.ts'
import { setTheme, theme, themes } from '../state/theme.ts'
import { useNow } from '../state/use-refresh.ts'
import { Navigation } from './navigation.tsx'

/** How the page and the collector get on. */
export interface Connection {
  readonly version: string | null
  /** When the collector last answered, milliseconds since the epoch. */
  readonly answeredAtMs: number | null
  readonly error: string | null
}

interface Properties {
  readonly route: Route
  readonly firing: number
  readonly connection: Connection
  readonly me: WhoAmI | null
  readonly onHelp: () => void
  readonly session: Session
}

/** The name, the pages, the collector's state, who looks, and what colours are shown. */
export function PageHeader({ route, firing, connection, me, onHelp, session }: Properties): JSX.Element {
  return (
    <header class="page-header">
      <a class="brand" href={link('/')} aria-label="pgherd, the fleet">
        pgherd
      </a>
      <Navigation route={route} firing={firing} />
      <div class="controls">
        <ConnectionState connection={connection} />
        <Reader me={me} session={session} />
        <ThemeButton />
        <button
          type="button"
          class="round"
          aria-label="Keyboard shortcuts"
          title="Keyboard shortcuts (?)"
          onClick={onHelp}
        >
          ?
        </button>
      </div>
    </header>
  )
}

/** Who looks, and becoming somebody else. */
function Reader({ me, session }: Pick<Properties, 'me' | 'session'>): JSX.Element | null {
  if (me === null) return null
  const leave = (): void => {
    session.signOut()
    location.reload()
  }
  return (
    <span class="who">
      {me.name === null ? me.role : `${me.name}, ${me.role}`}{' '}
      {session.hasToken() ? (
        <button type="button" class="plain" onClick={leave}>
          Sign out
        </button>
      ) : (
        me.role === 'viewer' && (
          <button type="button" class="plain" onClick={() => session.offer(true)}>
            Sign in
          </button>
        )
      )}
    </span>
  )
}

function ConnectionState({ connection }: Pick<Properties, 'connection'>): JSX.Element {
  const nowMs = useNow()
  const { version, answeredAtMs, error } = connection
  const age = answeredAtMs === null ? '' : formatAge(nowMs - answeredAtMs)
  const state = error !== null ? 'lost' : answeredAtMs === null ? 'waiting' : 'fine'
  const name = version === null ? 'Collector' : `Collector ${version}`
  return (
    <p class={`connection connection-${state}`} data-state={state} role="status">
      {state === 'fine' && `${name} connected`}
      {state === 'waiting' && 'Asking the collector…'}
      {state === 'lost' && `${error ?? ''}${age === '' ? '' : `. What you see is from ${age}`}`}
    </p>
  )
}

const themeSigns = { auto: '◐', light: '☀', dark: '☾' } as const

function ThemeButton(): JSX.Element {
  const [now, setNow] = useState(theme)
  const next = themes[(themes.indexOf(now) + 1) % themes.length] ?? 'auto'
  return (
    <button
      type="button"
      class="round"
      aria-label={`Colours: ${now}. Change to ${next}`}
      title={`Colours: ${now === 'auto' ? 'as the system has them' : now}`}
      onClick={() => {
        setTheme(next)
        setNow(next)
      }}
    >
      {themeSigns[now]}
    </button>
  )
}
