import { useEffect, useState } from 'preact/hooks'
import type { JSX } from 'preact'

/** How long it is said that something was copied. */
const shownMs = 2_000

/** Copies the page's address, in which everything stands that it shows. */
export function CopyLink(): JSX.Element {
  const [said, setSaid] = useState('')
  useEffect(() => {
    if (said === '') return
    const timer = setTimeout(() => setSaid(''), shownMs)
    return () => clearTimeout(timer)
  }, [said])
  const copy = (): void => {
    // Browsers have a clipboard for pages of https and of this machine only.
    const { clipboard } = navigator as { readonly clipboard?: Clipboard }
    const done = clipboard?.writeText(location.href) ?? Promise.reject(new Error('no clipboard here'))
    done.then(
      () => setSaid('The link is copied'),
      () => setSaid("Copy the page's address: it has everything"),
    )
  }
  return (
    <>
      <button type="button" onClick={copy}>
        Copy link
      </button>
      <span class="soft" role="status">
        {said}
      </span>
    </>
  )
}
