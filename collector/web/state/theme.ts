/** What colours the reader wants; `auto` is what the system has. */
export const themes = ['auto', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const key = 'pgherd-theme'
const listeners = new Set<() => void>()
const system = matchMedia('(prefers-color-scheme: dark)')

let chosen: Theme = themes.find((name) => name === localStorage.getItem(key)) ?? 'auto'

export const theme = (): Theme => chosen

/** Takes effect at once, and is kept by this browser. */
export function setTheme(wanted: Theme): void {
  chosen = wanted
  if (wanted === 'auto') localStorage.removeItem(key)
  else localStorage.setItem(key, wanted)
  apply()
}

/** Calls `listener` when the colours change, by choice or with the system, until the returned function is called. */
export function onThemeChange(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** The style sheet of the dark colours is one of its own, so that no colour stands anywhere twice. */
function apply(): void {
  const sheet = document.querySelector<HTMLLinkElement>('link[data-colours=dark]')
  const media = { auto: '(prefers-color-scheme: dark)', light: 'not all', dark: 'all' }[chosen]
  if (sheet !== null) sheet.media = media
  for (const listener of listeners) listener()
}

system.addEventListener('change', apply)
apply()
