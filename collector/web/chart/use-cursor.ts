import { useEffect, useState } from 'preact/hooks'
import type { SharedCursor } from '../state/shared-cursor.ts'

/** The instant of the shared crosshair; the component is rendered again when it moves. */
export function useCursor(cursor: SharedCursor): number | null {
  const [at, setAt] = useState(cursor.at)
  useEffect(() => {
    // It may have moved between rendering and now.
    setAt(cursor.at)
    return cursor.subscribe(setAt)
  }, [cursor])
  return at
}
