import { useEffect, useState } from 'preact/hooks'
import type { ComponentChildren, JSX } from 'preact'
import type { Session } from './session.ts'
import { SignIn } from './sign-in.tsx'

/** Shows the page as long as the collector answers whoever looks at it. */
export function Gate({
  session,
  children,
}: {
  readonly session: Session
  readonly children: ComponentChildren
}): JSX.Element {
  const [isClosed, setClosed] = useState(session.isTokenNeeded())
  useEffect(() => session.onChange(() => setClosed(session.isTokenNeeded())), [session])
  return isClosed ? <SignIn session={session} /> : <>{children}</>
}
