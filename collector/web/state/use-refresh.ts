import { useEffect, useState } from 'preact/hooks'

/** The beat on which everything is asked again: `seq` grows by one each time, `atMs` is when it did. */
export interface Refresh {
  readonly seq: number
  readonly atMs: number
}

/** Beats every `everyMs` while the page is visible, and at once when it becomes visible again. */
export function useRefresh(everyMs: number): Refresh {
  const [refresh, setRefresh] = useState<Refresh>(() => ({ seq: 0, atMs: Date.now() }))
  useEffect(() => {
    let timer: ReturnType<typeof setInterval> | undefined
    const beat = (): void => setRefresh(({ seq }) => ({ seq: seq + 1, atMs: Date.now() }))
    const start = (): void => {
      clearInterval(timer)
      timer = document.hidden ? undefined : setInterval(beat, everyMs)
    }
    const turn = (): void => {
      if (!document.hidden) beat()
      start()
    }
    start()
    document.addEventListener('visibilitychange', turn)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', turn)
    }
  }, [everyMs])
  return refresh
}

/** The time, once a second, for what shows an age. */
export function useNow(): number {
  const [nowMs, setNowMs] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [])
  return nowMs
}
