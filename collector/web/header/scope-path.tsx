import type { JSX } from 'preact'
import type { Scope } from '../query/variables.ts'

interface Properties {
  readonly scope: Scope
  readonly onSelect: (scope: Scope) => void
}

/** Fleet › cluster › node: what the charts below are about, and the way back up. */
export function ScopePath({ scope, onSelect }: Properties): JSX.Element {
  const { cluster, node } = scope
  return (
    <nav class="scope" aria-label="Charts of">
      <Step
        text="All servers"
        isHere={cluster === null && node === null}
        onSelect={() => onSelect({ cluster: null, node: null })}
      />
      {cluster !== null && (
        <Step text={cluster} isHere={node === null} onSelect={() => onSelect({ cluster, node: null })} />
      )}
      {node !== null && <Step text={node} isHere onSelect={() => onSelect(scope)} />}
    </nav>
  )
}

interface StepProperties {
  readonly text: string
  readonly isHere: boolean
  readonly onSelect: () => void
}

function Step({ text, isHere, onSelect }: StepProperties): JSX.Element {
  return (
    <button type="button" class="plain" aria-current={isHere ? 'location' : undefined} onClick={onSelect}>
      {text}
    </button>
  )
}
