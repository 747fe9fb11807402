import { useState } from 'preact/hooks'
import type { JSX } from 'preact'
import type { Session } from './session.ts'

/** Asks for a token, in place of the page. */
export function SignIn({ session }: { readonly session: Session }): JSX.Element {
  const [problem, setProblem] = useState<string | undefined>()
  const [isAsking, setAsking] = useState(false)
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    const given = new FormData(event.currentTarget as HTMLFormElement).get('token')
    setAsking(true)
    const refused = await session.signIn(typeof given === 'string' ? given : '')
    setAsking(false)
    setProblem(refused)
  }
  return (
    <main class="sign-in">
      <h1>pgherd</h1>
      <form onSubmit={(event) => void submit(event)}>
        <label for="token">Token</label>
        <input
          id="token"
          name="token"
          type="password"
          autocomplete="current-password"
          spellcheck={false}
          placeholder="pgh_…"
          required
          autofocus
        />
        {problem !== undefined && (
          <p class="panel-error" role="alert">
            {problem}
          </p>
        )}
        <button type="submit" disabled={isAsking}>
          {isAsking ? 'Asking the collector…' : 'Sign in'}
        </button>
        {session.isOffer() && (
          <button type="button" class="plain" onClick={() => session.offer(false)}>
            Go on without
          </button>
        )}
      </form>
      <p class="soft">
        An admin makes one for you with <code>agentctl tokens create</code>; the role viewer is enough to
        look, operator to silence alerts. It is kept until this tab is closed.
      </p>
    </main>
  )
}
