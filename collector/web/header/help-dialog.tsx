import { useEffect, useRef } from 'preact/hooks'
import type { JSX } from 'preact'
import type { Shortcut } from '../state/key-sequences.ts'

interface Properties {
  readonly shortcuts: readonly Pick<Shortcut, 'keys' | 'what'>[]
  readonly isOpen: boolean
  readonly onClose: () => void
  /** Whether keys do anything; a reader whose software sends keys of its own turns it off. */
  readonly areOn: boolean
  readonly onSwitch: (on: boolean) => void
}

/** What the keys do. */
export function HelpDialog({ shortcuts, isOpen, onClose, areOn, onSwitch }: Properties): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const element = dialog.current
    if (element === null || element.open === isOpen) return
    if (isOpen) element.showModal()
    else element.close()
  }, [isOpen])
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="help-title" onClose={onClose}>
      <h2 id="help-title">Keyboard</h2>
      <table class="keys">
        <tbody>
          {shortcuts.map(({ keys, what }) => (
            <tr key={keys}>
              <th scope="row">
                {keys.split(' ').map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </th>
              <td>{what}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <label class="choice">
        <input type="checkbox" checked={areOn} onChange={(event) => onSwitch(event.currentTarget.checked)} />
        Keys do this
      </label>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  )
}
