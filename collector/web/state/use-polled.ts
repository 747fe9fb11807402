import { useEffect, useRef, useState } from 'preact/hooks'

/** The newest answer to a question that is asked again and again. */
export interface Polled<T> {
  readonly data: T | null
  /** When `data` arrived, milliseconds since the epoch. */
  readonly dataAtMs: number | null
  /** Why the last attempt failed; `data` is then older than it should be. */
  readonly error: string | null
  /** `data` answers an earlier question; the present one is under way. */
  readonly outdated: boolean
}

interface Answer<T> extends Omit<Polled<T>, 'outdated'> {
  readonly key: string
}

interface Flight {
  readonly controller: AbortController
}

/**
 * Loads when `key` (what is asked) or `seq` (when) changes and while `enabled`. A new key cancels the load
 * under way; a new seq does not, or a collector slower than the refresh would never get to answer.
 */
export function usePolled<T>(
  key: string,
  seq: number,
  enabled: boolean,
  load: (signal: AbortSignal) => Promise<T>,
): Polled<T> {
  const [answer, setAnswer] = useState<Answer<T>>({ key, data: null, dataAtMs: null, error: null })
  const flight = useRef<Flight | null>(null)
  const asked = useRef('')
  const loader = useRef(load)
  loader.current = load

  useEffect(
    () => () => {
      if (flight.current === null) return
      flight.current.controller.abort()
      flight.current = null
      asked.current = ''
    },
    [key, enabled],
  )

  useEffect(() => {
    const question = `${seq} ${key}`
    if (!enabled || flight.current !== null || asked.current === question) return
    const controller = new AbortController()
    flight.current = { controller }
    asked.current = question
    const isCurrent = (): boolean => flight.current?.controller === controller
    loader.current(controller.signal).then(
      (data) => {
        if (!isCurrent()) return
        flight.current = null
        setAnswer({ key, data, dataAtMs: Date.now(), error: null })
      },
      (error: unknown) => {
        if (!isCurrent()) return
        flight.current = null
        const message = error instanceof Error ? error.message : String(error)
        // The answer to another question is no substitute once this one has failed.
        setAnswer((old) =>
          old.key === key ? { ...old, error: message } : { key, data: null, dataAtMs: null, error: message },
        )
      },
    )
  }, [key, seq, enabled])

  return { ...answer, outdated: answer.key !== key }
}
