import { useEffect, useMemo, useState } from 'preact/hooks'
import { followKeys, isTyping } from '../state/key-sequences.ts'
import type { Shortcut } from '../state/key-sequences.ts'
import { navigate } from '../state/route.ts'
import { places } from './navigation.tsx'

const key = 'pgherd-keys'

export interface Shortcuts {
  readonly all: readonly Shortcut[]
  readonly areOn: boolean
  readonly setOn: (on: boolean) => void
}

/** Listens to the keys of the whole page. @param onHelp opens what explains them */
export function useShortcuts(onHelp: () => void): Shortcuts {
  const [areOn, setOn] = useState(localStorage.getItem(key) !== 'off')
  const all = useMemo(
    (): readonly Shortcut[] => [
      { keys: '?', what: 'what the keys do', run: onHelp },
      { keys: '/', what: 'find', run: focusFind },
      ...places.map((place) => ({
        keys: `g ${place.key}`,
        what: place.text,
        run: () => navigate(place.to),
      })),
    ],
    [onHelp],
  )
  useEffect(() => {
    if (!areOn) return
    const take = followKeys(all)
    const down = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      if (take(event.key, event.timeStamp)) event.preventDefault()
    }
    document.addEventListener('keydown', down)
    return () => document.removeEventListener('keydown', down)
  }, [all, areOn])
  return {
    all,
    areOn,
    setOn(on) {
      if (on) localStorage.removeItem(key)
      else localStorage.setItem(key, 'off')
      setOn(on)
    },
  }
}

function focusFind(): void {
  document.querySelector<HTMLElement>('main input[type=search]')?.focus()
}
