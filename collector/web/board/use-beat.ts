import { useCallback, useEffect, useState } from 'preact/hooks'
import type { Refresh } from '../state/use-refresh.ts'

/** Beats every `everySeconds` while the page is visible (null: never by itself), and when `beat` is called. */
export function useBeat(everySeconds: number | null): Refresh & { readonly beat: () => void } {
  const [refresh, setRefresh] = useState<Refresh>(() => ({ seq: 0, atMs: Date.now() }))
  const beat = useCallback(() => setRefresh(({ seq }) => ({ seq: seq + 1, atMs: Date.now() })), [])
  useEffect(() => {
    if (everySeconds === null) return
    let timer: ReturnType<typeof setInterval> | undefined
    const turn = (): void => {
      clearInterval(timer)
      timer = document.hidden ? undefined : setInterval(beat, everySeconds * 1000)
    }
    const back = (): void => {
      if (!document.hidden) beat()
      turn()
    }
    turn()
    document.addEventListener('visibilitychange', back)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', back)
    }
  }, [everySeconds])
  return { ...refresh, beat }
}
